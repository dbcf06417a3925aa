import { type AccountClient, VenueError } from '@/exchanges/port';
import type { Clock } from '@/platform/clock';
import type { TenantClient } from '@/platform/database/database';
import type { TradingAccount } from '../execution/accounts';
import { confirmLeverage, readLeverageNotes } from '../execution/leverage-notes';
import { venueSymbol } from '../execution/trade-record';

/** The venue is asked again after this long, ms. */
const CONFIRM_EVERY = 10 * 60_000;
/** Instruments of one look: the venue takes ten such questions a second for an account. */
const AT_ONCE = 5;

/**
 * Whether what is noted of accounts' leverages is still true. Venues tell of a leverage that was changed by hand only where something is
 * held, so each is asked for now and then.
 */
export class ConfirmedLeverages {
  /** When the venue was last asked, by account and instrument. */
  readonly #askedAt = new Map<string, Map<string, number>>();

  constructor(readonly clock: Clock) {}

  /** The account's stream was away: its leverages are asked for with the next look. */
  doubt(accountId: string): void {
    this.#askedAt.delete(accountId);
  }

  /** Asks for those that were not asked for in a while, the oldest first. What the venue does not tell is asked for next time. */
  async confirm(db: TenantClient, account: TradingAccount, client: Pick<AccountClient, 'getLeverage'>): Promise<void> {
    const { id, marginMode, tenantId } = account;
    const notes = await readLeverageNotes(db, account);
    const before = this.#askedAt.get(id) ?? new Map<string, number>();
    const asked = new Map(notes.map(({ instrumentId }) => [instrumentId, before.get(instrumentId) ?? 0]));
    this.#askedAt.set(id, asked);
    const now = this.clock.now();
    const at = ({ instrumentId }: { instrumentId: string }): number => asked.get(instrumentId) ?? 0;
    const due = notes.filter((note) => now - at(note) >= CONFIRM_EVERY).sort((a, b) => at(a) - at(b));
    for (const note of due.slice(0, AT_ONCE)) {
      const standing = await client.getLeverage(venueSymbol(note.instrumentId), marginMode).catch((error: unknown) => {
        if (error instanceof VenueError) return null;
        throw error;
      });
      if (standing === null) return;
      await confirmLeverage(db, tenantId, id, note, standing);
      asked.set(note.instrumentId, now);
    }
  }

  /** Forgets accounts that are not looked at any more. */
  keep(accountIds: ReadonlySet<string>): void {
    for (const id of [...this.#askedAt.keys()]) if (!accountIds.has(id)) this.#askedAt.delete(id);
  }
}
