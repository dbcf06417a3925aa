import type { Balance } from '@/domain/balance-age';
import { type Venue, VenueError } from '@/exchanges/port';
import type { TradingAccount } from '../execution/accounts';
import { type BalanceBook, isPlausible } from './balance-book';

export type BalanceAskerDeps = {
  readonly venue: (key: string) => Pick<Venue, 'account'>;
  readonly book: Pick<BalanceBook, 'note'>;
};

/** Asks venues what accounts are worth, each at most once at a time: whoever wants to know shares the question under way. */
export class BalanceAsker {
  readonly #asking = new Map<string, Promise<Balance>>();

  constructor(readonly deps: BalanceAskerDeps) {}

  /** What the venue says is written as well. Rejects with a VenueError. */
  ask(account: TradingAccount): Promise<Balance> {
    const known = this.#asking.get(account.id);
    if (known !== undefined) return known;
    const asking = this.#ask(account).finally(() => this.#asking.delete(account.id));
    this.#asking.set(account.id, asking);
    return asking;
  }

  async #ask({ id, tenantId, venue, access }: TradingAccount): Promise<Balance> {
    const balance = await this.deps.venue(venue).account(access).getBalance();
    if (!isPlausible(balance)) {
      throw new VenueError('MALFORMED', 'The venue told a balance that nobody can have', 'unavailable');
    }
    this.deps.book.note(tenantId, id, balance);
    return balance;
  }
}
