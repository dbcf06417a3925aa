import { dec, toText, ZERO } from '@/domain/decimal';
import { isOurs, type Rows, type TradeRow, type VenueOrder } from './books';
import type { CastSubscription } from './cast';
import { compareLeverage } from './compare-leverage';
import { comparePositions } from './compare-positions';
import { compareSignals, senderId } from './compare-signals';
import { compareTrades } from './compare-trades';
import { type Expectation, ExpectedBook, type LeaderStand, type SignalInHand } from './expected-book';
import { Explanations } from './explained';
import { type Books, type ErrorKind, type Finding, finding } from './findings';
import { takesAway } from './habits';
import type { StormFollower, StormSignal, StormSubscription } from './scenario';
import { compareStops } from './stops';
import { compareTakenAway } from './taken-away';

/** The format of signals that tell of what happened without us. */
const OUTSIDE = 'outside';

/** Compares what should be with what MySQL says and what the venue holds. */
export function compareBooks(input: Books): readonly Finding[] {
  return new Comparison(input).run();
}

function text(value: { toString(): string }): string {
  return toText(dec(value.toString()));
}

function isHurried(led: { readonly signal: StormSignal } | undefined): boolean {
  return led !== undefined && led.signal.maxLagSeconds < 10;
}

class Comparison {
  readonly #findings: Finding[] = [];
  readonly #orders = new Map<string, VenueOrder>();
  readonly #trades = new Map<string, TradeRow>();

  readonly #explanations: Explanations;

  constructor(private readonly input: Books) {
    this.#explanations = new Explanations(input, this.#trades);
    for (const trade of input.rows.trades)
      this.#trades.set(`${trade.signalId}|${trade.subscriptionId}|${trade.leg}`, trade);
  }

  run(): readonly Finding[] {
    this.#venueOrders();
    this.#findings.push(...compareSignals(this.input));
    this.#expected();
    this.#findings.push(...compareTrades(this.input, this.#orders));
    this.#findings.push(...compareStops(this.input), ...comparePositions(this.input));
    return this.#findings;
  }

  #add(
    kind: ErrorKind,
    message: string,
    trade: TradeRow | null = null,
    signalId: string | null = null,
    subscriptionId: string | null = null,
  ): void {
    this.#findings.push(finding(kind, message, trade ?? { signalId, subscriptionId }));
  }

  /** Every order at the venue is one trade's, once. */
  #venueOrders(): void {
    const known = new Set(this.input.rows.trades.map((trade) => trade.id));
    for (const order of this.input.venue.orders) {
      if (!isOurs(order)) continue;
      if (this.#orders.has(order.clOrdId))
        this.#add('doubled', `two orders at the venue with client id ${order.clOrdId}`);
      this.#orders.set(order.clOrdId, order);
      if (!known.has(order.clOrdId)) {
        this.#add('doubled', `order ${order.clOrdId} (${order.side} ${order.fillSz}) at the venue is no trade of ours`);
      }
    }
  }

  /** Follows every subscription through the signals of its source. */
  #expected(): void {
    const { sent, rows, cast, scenario } = this.input;
    const bySignal = new Map(sent.map((entry) => [entry.signal.id, entry.signal]));
    const book = new ExpectedBook();
    const touched = new Set<string>();
    // Leaders move in the order of receipt, which within a source is the order in which they were sent.
    const hands = new Map<string, { readonly hand: SignalInHand; readonly signal: StormSignal }>();
    for (const row of rows.signals) {
      const signal = bySignal.get(senderId(row));
      if (row.status === 'rejected' || signal === undefined) continue;
      touched.add(signal.instrument);
      hands.set(row.id, { hand: book.begin(signal), signal });
    }
    for (const subscription of cast.subscriptions) {
      const { follower, terms } = this.#terms(subscription);
      if (takesAway(follower) || scenario.flattensAt !== null) {
        const isExplained = (trade: TradeRow): boolean =>
          this.#explanations.ofFailure(trade, isHurried(hands.get(trade.signalId)));
        this.#findings.push(...compareTakenAway(this.input, subscription, follower, terms, hands, isExplained));
        continue;
      }
      this.#follow(book, subscription, hands);
      this.#holdings(book, subscription, touched);
    }
  }

  /** Follows one subscription in the order in which it was decided about: an exit waits for no turn. */
  #follow(
    book: ExpectedBook,
    subscription: CastSubscription,
    hands: ReadonlyMap<string, { readonly hand: SignalInHand; readonly signal: StormSignal }>,
  ): void {
    const { follower, terms } = this.#terms(subscription);
    const stands = new Map<string, LeaderStand>();
    for (const row of this.#decided(subscription)) {
      const led = hands.get(row.id);
      const instrument = row.instrumentId.replace(/^okx:/, '') as StormSignal['instrument'];
      const hand = led?.hand ?? book.beginExit({ instrument }, stands.get(instrument) ?? { side: null });
      stands.set(instrument, hand.leader);
      const expected = hand.expectations(follower, terms);
      const trade = (leg: 'close' | 'open') => this.#trades.get(`${row.id}|${subscription.id}|${leg}`) ?? null;
      for (const leg of ['close', 'open'] as const) {
        const expectation = expected.find((candidate) => candidate.leg === leg) ?? null;
        this.#leg(row.id, subscription, follower, expectation, trade(leg), isHurried(led));
      }
      hand.settle(follower, terms, expected, (leg) => {
        const found = trade(leg);
        if (found === null) return null;
        const taken = ['live', 'partially_filled', 'filled', 'canceled', 'unknown'].includes(found.status);
        return { taken, filled: dec(found.filledQuantity.toString()), code: found.code };
      });
    }
  }

  /** The signals of a subscription's source, and the exits that concern it, in the order in which they were decided for it. */
  #decided(subscription: CastSubscription): readonly Rows['signals'][number][] {
    const { rows, cast } = this.input;
    const sourceId = cast.sourceIds[subscription.source];
    const closesFor = (row: Rows['signals'][number]): boolean => this.#trades.has(`${row.id}|${subscription.id}|close`);
    const own = rows.signals.filter(
      (row) =>
        row.sourceId === sourceId &&
        row.status !== 'rejected' &&
        row.format !== OUTSIDE &&
        (!row.ours || closesFor(row)),
    );
    // Each worker's time is some milliseconds off: what two of them wrote is not ordered by it.
    return this.#decidedByVenue(subscription, own);
  }

  /**
   * Leaders' signals come in their order; an exit comes before the first one of its lane whose orders the venue took later, or that was
   * received later where it took none.
   */
  #decidedByVenue(
    { id }: CastSubscription,
    rows: readonly Rows['signals'][number][],
  ): readonly Rows['signals'][number][] {
    const takenAt = (row: Rows['signals'][number]): number | null => {
      const times = (['close', 'open'] as const).flatMap((leg) => {
        const trade = this.#trades.get(`${row.id}|${id}|${leg}`);
        const order = trade === undefined ? undefined : this.#orders.get(trade.id);
        return order === undefined ? [] : [order.createdAt];
      });
      return times.length === 0 ? null : Math.min(...times);
    };
    const decided = rows.filter((row) => !row.ours);
    for (const exit of rows.filter((row) => row.ours)) {
      const at = takenAt(exit);
      const index = decided.findIndex((row) => {
        if (row.instrumentId !== exit.instrumentId) return false;
        const other = takenAt(row);
        return at === null || other === null ? row.sequence > exit.sequence : other > at;
      });
      decided.splice(index < 0 ? decided.length : index, 0, exit);
    }
    return decided;
  }

  #terms(subscription: CastSubscription): { follower: StormFollower; terms: StormSubscription } {
    const follower = this.input.scenario.followers[subscription.follower];
    const terms = follower?.subscriptions.find((candidate) => candidate.source === subscription.source);
    if (follower === undefined || terms === undefined) throw new Error('The cast does not fit the scenario');
    return { follower, terms };
  }

  #leg(
    signalId: string,
    subscription: CastSubscription,
    follower: StormFollower,
    expected: Expectation | null,
    trade: TradeRow | null,
    hurried: boolean,
  ): void {
    const who = `follower ${subscription.follower} of ${subscription.source}`;
    if (expected === null) {
      // A reversal that is denied altogether is denied in both its parts, also to who has nothing to close.
      if (trade?.status === 'denied' && this.#explanations.ofFailure(trade, hurried)) return;
      if (trade !== null)
        this.#add('wrongState', `${who}: a ${trade.leg} (${trade.status}) that nobody asked for`, trade);
      return;
    }
    if (trade === null) {
      this.#add('lost', `${who}: no receipt for the ${expected.leg}`, null, signalId, subscription.id);
      return;
    }
    const outcome = `${trade.status} ${trade.code ?? ''}`.trim();
    if (trade.status === 'denied' || trade.status === 'rejected' || trade.status === 'expired') {
      const foreseen = expected.kind === 'denial' && trade.status === 'denied' && trade.code === expected.code;
      if (!foreseen && !this.#explanations.ofFailure(trade, hurried)) {
        const wanted = expected.kind === 'order' ? `an order of ${toText(expected.quantity)}` : expected.code;
        this.#add('unexplained', `${who}: ${trade.leg} ${outcome}, expected ${wanted}`, trade);
      }
      return;
    }
    if (expected.kind === 'denial') {
      this.#add(
        'wrongState',
        `${who}: ${trade.leg} ${outcome} of ${text(trade.quantity)}, expected ${expected.code}`,
        trade,
      );
      return;
    }
    if (!expected.quantity.eq(dec(trade.quantity.toString()))) {
      this.#add(
        'wrongSize',
        `${who}: ${trade.leg} of ${text(trade.quantity)}, expected ${toText(expected.quantity)}`,
        trade,
      );
    }
    if (trade.positionSide !== expected.side) {
      this.#add(
        'wrongState',
        `${who}: ${trade.leg} of the ${trade.positionSide} side, expected ${expected.side}`,
        trade,
      );
    }
    if (trade.status === 'canceled') {
      if (!this.#explanations.ofCancel(trade)) {
        this.#add('unexplained', `${who}: ${trade.leg} ${outcome} after ${text(trade.filledQuantity)}`, trade);
      }
    } else if (trade.status !== 'filled') {
      this.#add('wrongState', `${who}: ${trade.leg} is still ${outcome}`, trade);
    }
    if (trade.leg === 'open') {
      const order = this.#orders.get(trade.id);
      if (order !== undefined) this.#findings.push(...compareLeverage(this.input, follower, trade, order, who));
    }
  }

  /** What each subscription holds and is owed, against the book that ought to be. */
  #holdings(book: ExpectedBook, subscription: CastSubscription, instruments: ReadonlySet<string>): void {
    const { rows } = this.input;
    const { follower, terms } = this.#terms(subscription);
    for (const instrument of instruments) {
      if (instrument.startsWith('ETH') && subscription.source === 'b') continue;
      const expected = book.holding(follower, terms, instrument);
      const mine = (row: { subscriptionId: string; instrumentId: string }) =>
        row.subscriptionId === subscription.id && row.instrumentId === `okx:${instrument}`;
      const held = rows.positions.filter((row) => mine(row) && !row.quantity.isZero());
      const signed = held.reduce(
        (total, row) => total.plus(dec(row.quantity.toString()).times(row.side === 'short' ? -1 : 1)),
        ZERO,
      );
      const wanted = expected.side === 'short' ? expected.quantity.neg() : expected.quantity;
      const who = `follower ${subscription.follower} of ${subscription.source}, ${instrument}`;
      if (!signed.eq(wanted) || held.length > 1) {
        this.#add(
          'wrongState',
          `${who}: holds ${toText(signed)} by our book, ought to hold ${toText(wanted)}`,
          null,
          null,
          subscription.id,
        );
      }
      const debts = rows.debts.filter((row) => mine(row) && !row.quantity.isZero());
      const owed = debts.reduce((total, row) => total.plus(dec(row.quantity.toString())), ZERO);
      if (!owed.eq(expected.debt)) {
        this.#add(
          'wrongState',
          `${who}: rounding debt ${toText(owed)}, ought to be ${toText(expected.debt)}`,
          null,
          null,
          subscription.id,
        );
      }
    }
  }
}
