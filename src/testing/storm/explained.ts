import type { TradeRow } from './books';
import { MOST_OFF } from './clocks';
import type { Books } from './findings';
import { type Blame, REFUSAL_CODE } from './weather';

/** A fault may show in what is done this long after it ended, ms: a signal waits for the one before it. */
const AFTERMATH = 60_000;
/** Times in rows are the workers' own; so far two of them are apart at most, ms. */
const APART = 2 * MOST_OFF;

/** What faults of the storm account for. */
export class Explanations {
  constructor(
    private readonly input: Books,
    /** By signal, subscription and leg. */
    private readonly trades: ReadonlyMap<string, TradeRow>,
  ) {}

  /**
   * Whether the faults of that time account for an order that was not carried out.
   *
   * @param hurried its signal lives shorter than an outage
   */
  ofFailure(trade: TradeRow, hurried: boolean): boolean {
    const code = trade.code ?? '';
    const any = (...blames: readonly (Blame | 'kill')[]): boolean => this.#blames(trade, blames);
    if (code === REFUSAL_CODE) return any('refusal');
    if (code === 'ENTRY_ON_ITS_WAY') return this.#isEntering(trade);
    if (code === 'KILL_SWITCH') return this.input.scenario.flattensAt !== null;
    if (code === 'STALE_SIGNAL') return hurried;
    // Only a signal that lives shorter than an outage may end so, and only where something made the venue seem gone.
    // So does an entry of somebody of whom nothing had been heard for long.
    if (code === 'VENUE_UNREACHABLE')
      return (hurried || any('idle')) && any('placement', 'leverage', 'query', 'market', 'kill');
    // Its equity was too old, and the venue did not tell it.
    if (code === 'EQUITY_UNKNOWN') return any('idle') && any('placement', 'query', 'clock', 'kill');
    if (code === 'PRICE_UNKNOWN') return any('market', 'kill');
    if (code.startsWith('LEVERAGE_')) return this.#setsLeverage(trade) || any('leverage', 'kill');
    if (code === 'CLOSE_NOT_FILLED') {
      const close = this.trades.get(`${trade.signalId}|${trade.subscriptionId}|close`);
      // Who turns out to hold nothing is flat: his entry goes ahead.
      return close !== undefined && close.status !== 'filled' && close.code !== '51169';
    }
    return false;
  }

  /** Whether they account for an order of which the venue cancelled the rest. */
  ofCancel(trade: TradeRow): boolean {
    const from = trade.createdAt.getTime() - AFTERMATH - APART;
    return this.input.evidence.blames('partial', from, Number.POSITIVE_INFINITY);
  }

  #blames(trade: TradeRow, blames: readonly (Blame | 'kill')[]): boolean {
    const apart = this.input.clocksApart ? APART : 0;
    const from = trade.createdAt.getTime() - AFTERMATH - apart;
    const to = trade.updatedAt.getTime() + apart;
    return blames.some((blame) => this.input.evidence.blames(blame, from, to));
  }

  /** Whether there was news of an earlier entry only after this close was decided. Its share is closed then. */
  #isEntering({ subscriptionId, instrumentId, id, createdAt }: TradeRow): boolean {
    return this.input.rows.trades.some(
      (entry) =>
        entry.leg === 'open' &&
        entry.subscriptionId === subscriptionId &&
        entry.instrumentId === instrumentId &&
        entry.id < id &&
        entry.updatedAt >= createdAt,
    );
  }

  /** Beside stop orders that rest, what he set by hand stays as it is. */
  #setsLeverage({ accountId }: TradeRow): boolean {
    const index = this.input.cast.accounts.findIndex(({ id }) => id === accountId);
    return this.input.scenario.followers[index]?.habit === 'setter';
  }
}
