import { type Dec, dec, toText, ZERO } from '@/domain/decimal';
import type { Rows, TradeRow, VenueBooks, VenueOrder } from './books';
import type { Cast, CastSubscription } from './cast';
import { type Expectation, ExpectedBook, type LeaderStand, type SignalInHand } from './expected-book';
import type { Scenario, StormFollower, StormSignal, StormSubscription } from './scenario';
import type { Sent } from './sender';
import { type Blame, REFUSAL_CODE } from './weather';

export const ERRORS = ['lost', 'doubled', 'wrongSize', 'wrongState', 'unexplained'] as const;
export type ErrorKind = (typeof ERRORS)[number];

export type Finding = {
  readonly kind: ErrorKind;
  readonly text: string;
  readonly tradeId: string | null;
  readonly signalId: string | null;
  readonly subscriptionId: string | null;
};

/** Moments at which something was wrong, by what it can be blamed for. */
export type Evidence = { blames(blame: Blame | 'kill', from: number, to: number): boolean };

/** All that a comparison needs. */
export type Books = {
  readonly scenario: Scenario;
  readonly cast: Cast;
  readonly sent: readonly Sent[];
  readonly rows: Rows;
  readonly venue: VenueBooks;
  readonly evidence: Evidence;
};

/** A fault may show in what is done this long after it ended, ms: a signal waits for the one before it. */
const AFTERMATH = 60_000;

/** Compares what should be with what MySQL says and what the venue holds. */
export function compareBooks(input: Books): readonly Finding[] {
  return new Comparison(input).run();
}

function text(value: { toString(): string }): string {
  return toText(dec(value.toString()));
}

/** The id that the sender gave his signal. */
function senderId(row: Rows['signals'][number]): string {
  return (row.intent as { idempotencyKey?: string | null }).idempotencyKey ?? '';
}

class Comparison {
  readonly #findings: Finding[] = [];
  readonly #orders = new Map<string, VenueOrder>();
  readonly #trades = new Map<string, TradeRow>();

  constructor(private readonly input: Books) {
    for (const trade of input.rows.trades)
      this.#trades.set(`${trade.signalId}|${trade.subscriptionId}|${trade.leg}`, trade);
  }

  run(): readonly Finding[] {
    this.#venueOrders();
    this.#signals();
    this.#expected();
    for (const trade of this.input.rows.trades) this.#tradeAgainstVenue(trade);
    this.#positions();
    return this.#findings;
  }

  #add(
    kind: ErrorKind,
    message: string,
    trade: TradeRow | null = null,
    signalId: string | null = null,
    subscriptionId: string | null = null,
  ): void {
    this.#findings.push({
      kind,
      text: message,
      tradeId: trade?.id ?? null,
      signalId: trade?.signalId ?? signalId,
      subscriptionId: trade?.subscriptionId ?? subscriptionId,
    });
  }

  /** Every order at the venue is one trade's, once. */
  #venueOrders(): void {
    const known = new Set(this.input.rows.trades.map((trade) => trade.id));
    for (const order of this.input.venue.orders) {
      if (this.#orders.has(order.clOrdId))
        this.#add('doubled', `two orders at the venue with client id ${order.clOrdId}`);
      this.#orders.set(order.clOrdId, order);
      if (!known.has(order.clOrdId)) {
        this.#add('doubled', `order ${order.clOrdId} (${order.side} ${order.fillSz}) at the venue is no trade of ours`);
      }
    }
  }

  /** What was answered with 2xx is a row, once, and came to its end; what was refused is none. */
  #signals(): void {
    const { sent, rows, cast } = this.input;
    const byKey = new Map(rows.signals.map((row) => [`${row.sourceId}|${senderId(row)}`, row]));
    if (byKey.size !== rows.signals.length) this.#add('doubled', 'a signal was written twice');
    for (const { signal, signalIds, refused, oddAnswers } of sent) {
      const row = byKey.get(`${cast.sourceIds[signal.source]}|${signal.id}`);
      if (signalIds.length > 1) this.#add('doubled', `${signal.id} was answered with ${signalIds.length} ids`);
      if (signalIds.length > 0 && row?.id !== signalIds[0])
        this.#add('lost', `${signal.id} was taken in, but is no row`);
      if (signalIds.length === 0 && refused !== 'STALE_SIGNAL') {
        this.#add('unexplained', `${signal.id} was refused with ${refused}`);
      }
      if (refused === 'STALE_SIGNAL' && signal.ageMs === 0 && signal.maxLagSeconds > 10) {
        this.#add('unexplained', `${signal.id} was refused as stale`);
      }
      if (signal.ageMs > 0 && row !== undefined) this.#add('wrongState', `${signal.id} is stale and was taken in`);
      for (const odd of oddAnswers)
        this.#add('wrongState', `${signal.id} was answered with ${odd}`, null, row?.id ?? null);
      if (row !== undefined && row.status !== 'done') {
        this.#add('wrongState', `${signal.id} ended as ${row.status} ${row.rejectCode ?? ''}`, null, row.id);
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
    for (const subscription of cast.subscriptions) this.#follow(book, subscription, hands);
    this.#holdings(book, touched, scenario);
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
        const hurried = led !== undefined && led.signal.maxLagSeconds < 10;
        this.#leg(row.id, subscription, follower, expectation, trade(leg), hurried);
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
      (row) => row.sourceId === sourceId && row.status !== 'rejected' && (!row.ours || closesFor(row)),
    );
    const at = (row: Rows['signals'][number]): number => {
      const trades = (['close', 'open'] as const).flatMap(
        (leg) => this.#trades.get(`${row.id}|${subscription.id}|${leg}`)?.createdAt.getTime() ?? [],
      );
      return trades.length > 0 ? Math.min(...trades) : (row.plannedAt?.getTime() ?? 0);
    };
    return own.sort((a, b) => at(a) - at(b) || Number(a.sequence - b.sequence));
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
      if (trade?.status === 'denied' && this.#isExplained(trade, hurried)) return;
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
      if (!foreseen && !this.#isExplained(trade, hurried)) {
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
      const { evidence } = this.input;
      if (!evidence.blames('partial', trade.createdAt.getTime() - AFTERMATH, Number.POSITIVE_INFINITY)) {
        this.#add('unexplained', `${who}: ${trade.leg} ${outcome} after ${text(trade.filledQuantity)}`, trade);
      }
    } else if (trade.status !== 'filled') {
      this.#add('wrongState', `${who}: ${trade.leg} is still ${outcome}`, trade);
    }
    if (trade.leg === 'open') {
      const leverage = Math.min(10, Number(follower.maxLeverage));
      const lever = this.#orders.get(trade.id)?.lever;
      if (lever !== undefined && Number(lever) !== leverage) {
        this.#add('wrongState', `${who}: leverage ${lever} at the venue, expected ${leverage}`, trade);
      }
    }
  }

  /** Whether the faults of that time account for an order that was not carried out. */
  #isExplained(trade: TradeRow, hurried: boolean): boolean {
    const { evidence } = this.input;
    const from = trade.createdAt.getTime() - AFTERMATH;
    const to = trade.updatedAt.getTime();
    const code = trade.code ?? '';
    if (code === REFUSAL_CODE) return evidence.blames('refusal', from, to);
    if (code === 'STALE_SIGNAL') return hurried;
    // Only a signal that lives shorter than an outage may end so, and only where something made the venue seem gone.
    if (code === 'VENUE_UNREACHABLE') {
      const gone = (['placement', 'leverage', 'query', 'market', 'kill'] as const).some((blame) =>
        evidence.blames(blame, from, to),
      );
      return hurried && gone;
    }
    if (code === 'PRICE_UNKNOWN') return evidence.blames('market', from, to) || evidence.blames('kill', from, to);
    if (code.startsWith('LEVERAGE_')) return evidence.blames('leverage', from, to) || evidence.blames('kill', from, to);
    if (code === 'CLOSE_NOT_FILLED') {
      const close = this.#trades.get(`${trade.signalId}|${trade.subscriptionId}|close`);
      return close !== undefined && close.status !== 'filled';
    }
    return false;
  }

  /** One trade's row, its fills and its order at the venue tell the same. */
  #tradeAgainstVenue(trade: TradeRow): void {
    const order = this.#orders.get(trade.id);
    const filled = dec(trade.filledQuantity.toString());
    if (order === undefined) {
      if (filled.gt(0)) this.#add('lost', `filled ${toText(filled)} by our rows, unknown at the venue`, trade);
      else if (trade.status === 'canceled')
        this.#add('wrongState', 'canceled by our rows, unknown at the venue', trade);
      return;
    }
    const state = { live: 'live', partially_filled: 'partially_filled', filled: 'filled', canceled: 'canceled' }[
      order.state
    ];
    if (state !== trade.status || !filled.eq(dec(order.fillSz))) {
      this.#add(
        'wrongState',
        `${trade.status} ${toText(filled)} by our rows, ${order.state} ${order.fillSz} at the venue`,
        trade,
      );
    }
    if (!dec(order.sz).eq(dec(trade.quantity.toString()))) {
      this.#add('wrongSize', `${text(trade.quantity)} by our rows, ${order.sz} at the venue`, trade);
    }
    if (order.side !== trade.side)
      this.#add('wrongState', `${trade.side} by our rows, ${order.side} at the venue`, trade);
    const fills = this.input.rows.fills.filter((fill) => fill.tradeId === trade.id);
    const sum = fills.reduce((total, fill) => total.plus(dec(fill.quantity.toString())), ZERO);
    if (!sum.eq(filled)) {
      this.#add(
        'wrongState',
        `${fills.length} fills of ${toText(sum)} together, but ${toText(filled)} are filled`,
        trade,
      );
    }
    if (!dec(trade.bookedQuantity.toString()).eq(filled)) {
      this.#add('wrongState', `${text(trade.bookedQuantity)} booked of ${toText(filled)} filled`, trade);
    }
  }

  /** What each subscription holds and is owed, against the book that ought to be. */
  #holdings(book: ExpectedBook, instruments: ReadonlySet<string>, _scenario: Scenario): void {
    const { rows, cast } = this.input;
    for (const subscription of cast.subscriptions) {
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

  /** Our books of an account add up to what the venue holds in it. */
  #positions(): void {
    const { rows, cast, venue, scenario } = this.input;
    const ours = new Map<string, Dec>();
    for (const row of rows.positions) {
      const index = cast.accounts.findIndex((account) => account.id === row.accountId);
      const account = cast.accounts[index];
      const follower = scenario.followers[index];
      if (account === undefined || follower === undefined) continue;
      const posSide = follower.positionMode === 'net' ? 'net' : row.side;
      const key = `${account.venueAccount}|${row.instrumentId.replace(/^okx:/, '')}|${posSide}`;
      const signed = dec(row.quantity.toString()).times(row.side === 'short' ? -1 : 1);
      ours.set(key, (ours.get(key) ?? ZERO).plus(signed));
    }
    for (const key of new Set([...ours.keys(), ...venue.positions.keys()])) {
      const booked = ours.get(key) ?? ZERO;
      const held = venue.positions.get(key) ?? ZERO;
      if (!booked.eq(held))
        this.#add('wrongState', `${key}: ${toText(booked)} by our books, ${toText(held)} at the venue`);
    }
  }
}
