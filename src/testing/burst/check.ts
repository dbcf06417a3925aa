import { dec, toText } from '@/domain/decimal';
import { Prisma } from '@/platform/database/database';
import type { VenueOrder } from '../storm/books';
import type { Cast } from '../storm/cast';
import { type Expectation, ExpectedBook } from '../storm/expected-book';
import type { StormFollower, StormSubscription } from '../storm/scenario';
import type { Sent } from '../storm/sender';
import type { World } from '../storm/world';
import type { BurstPlan } from './plan';

export const FAULTS = ['lost', 'doubled', 'reordered', 'wrong'] as const;
export type FaultKind = (typeof FAULTS)[number];

/** A receipt, as far as it is compared. Quantities are decimal text of contracts. */
export type ReceiptRow = {
  readonly id: string;
  readonly subscriptionId: string;
  readonly leg: 'close' | 'open';
  readonly status: string;
  readonly code: string | null;
  readonly quantity: string;
  readonly filledQuantity: string;
};

/** An order at the venue, as far as it is compared. */
export type PlacedOrder = Pick<VenueOrder, 'account' | 'clOrdId' | 'ordId' | 'sz' | 'fillSz' | 'state'>;

/** A signal as it was taken in. */
export type TakenIn = { readonly id: string; readonly senderId: string; readonly status: string };

const FINDINGS_KEPT = 20;

/**
 * Compares a burst's receipts with the book that ought to be and with the venue, signal by signal and account by account: all
 * of them at once would not fit into memory. Reordered: orders of one account and lane that the venue took in another order than
 * that in which their signals were received, or an entry before the close of its own signal.
 */
export class BurstCheck {
  readonly counts: Record<FaultKind, number> = { lost: 0, doubled: 0, reordered: 0, wrong: 0 };
  readonly findings: string[] = [];
  orders = 0;
  /** By client order id: which account, lane, and how manieth of its lane. */
  readonly #placed = new Map<string, { readonly lane: string; readonly turn: number; readonly receipt: ReceiptRow }>();
  readonly #book = new ExpectedBook();
  #turn = 0;

  constructor(
    readonly plan: BurstPlan,
    readonly cast: Pick<Cast, 'subscriptions' | 'sourceIds'>,
  ) {}

  #found(kind: FaultKind, text: string): void {
    this.counts[kind] += 1;
    if (this.findings.length < FINDINGS_KEPT) this.findings.push(`${kind}: ${text}`);
  }

  /** What was sent against the rows: each signal once, in each lane in the order in which it was sent. */
  signals(sent: readonly Sent[], rows: readonly TakenIn[]): void {
    const byKey = new Map<string, TakenIn>();
    for (const row of rows) {
      if (byKey.has(row.senderId)) this.#found('doubled', `${row.senderId} is two signals`);
      byKey.set(row.senderId, row);
      if (row.status !== 'done') this.#found('lost', `${row.senderId} ended as ${row.status}`);
    }
    for (const { signal, signalIds, refused, oddAnswers } of sent) {
      if (signalIds.length !== 1 || byKey.get(signal.id)?.id !== signalIds[0]) {
        this.#found('lost', `${signal.id} was answered with ${refused ?? signalIds.join(', ')}`);
      }
      for (const odd of oddAnswers) this.#found('wrong', `${signal.id} was answered with ${odd}`);
    }
    const turns = new Map(rows.map((row, turn) => [row.senderId, turn]));
    for (const lane of this.plan.lanes) {
      lane.forEach((signal, index) => {
        const before = lane[index - 1];
        if (before !== undefined && (turns.get(before.id) ?? 0) > (turns.get(signal.id) ?? 0)) {
          this.#found('reordered', `${signal.id} was taken in before ${before.id}`);
        }
      });
    }
  }

  /** The receipts of the next signal; signals come in the order of receipt. */
  receipts(row: TakenIn, receipts: readonly ReceiptRow[]): void {
    const signal = this.plan.scenario.signals.find((candidate) => candidate.id === row.senderId);
    if (signal === undefined) return;
    this.#turn += 1;
    const lane = `${signal.source}|${signal.instrument}`;
    const byLeg = new Map<string, ReceiptRow>();
    for (const receipt of receipts) {
      const key = `${receipt.subscriptionId}|${receipt.leg}`;
      if (byLeg.has(key)) this.#found('doubled', `${row.senderId}: two receipts for one ${receipt.leg}`);
      byLeg.set(key, receipt);
      if (receipt.status !== 'denied') this.#placed.set(receipt.id, { lane, turn: this.#turn, receipt });
    }
    const hand = this.#book.begin(signal);
    let expectedLegs = 0;
    for (const subscription of this.cast.subscriptions) {
      if (subscription.source !== signal.source) continue;
      const follower = this.plan.scenario.followers[subscription.follower] as StormFollower;
      const terms = follower.subscriptions.find(({ source }) => source === signal.source) as StormSubscription;
      const expected = hand.expectations(follower, terms);
      expectedLegs += expected.length;
      for (const expectation of expected) {
        const receipt = byLeg.get(`${subscription.id}|${expectation.leg}`);
        const who = `${row.senderId}, follower ${subscription.follower}`;
        if (receipt === undefined) this.#found('lost', `${who}: no receipt for the ${expectation.leg}`);
        else this.#compare(who, expectation, receipt);
      }
      hand.settle(follower, terms, expected, (leg) => {
        const receipt = byLeg.get(`${subscription.id}|${leg}`);
        if (receipt === undefined) return null;
        return { taken: receipt.status === 'filled', filled: dec(receipt.filledQuantity), code: receipt.code };
      });
    }
    if (byLeg.size > expectedLegs) {
      this.#found('wrong', `${row.senderId}: ${byLeg.size} receipts, expected ${expectedLegs}`);
    }
  }

  #compare(who: string, expected: Expectation, receipt: ReceiptRow): void {
    const found = `${receipt.leg} ${receipt.status} ${receipt.code ?? ''} of ${receipt.quantity}, filled ${receipt.filledQuantity}`;
    if (expected.kind === 'denial') {
      if (receipt.status !== 'denied' || receipt.code !== expected.code)
        this.#found('wrong', `${who}: ${found}; expected ${expected.code}`);
      return;
    }
    const whole = [receipt.quantity, receipt.filledQuantity].every((text) => dec(text).eq(expected.quantity));
    if (receipt.status !== 'filled' || !whole)
      this.#found('wrong', `${who}: ${found}; expected ${toText(expected.quantity)}`);
  }

  /** All orders of one account at the venue, in any order. */
  account(orders: readonly PlacedOrder[]): void {
    const latest = new Map<string, { readonly turn: number; readonly leg: string }>();
    const seen = new Set<string>();
    this.orders += orders.length;
    for (const order of [...orders].sort((a, b) => (BigInt(a.ordId) < BigInt(b.ordId) ? -1 : 1))) {
      const placed = this.#placed.get(order.clOrdId);
      if (placed === undefined || seen.has(order.clOrdId)) {
        this.#found('doubled', `order ${order.clOrdId} at the venue is no trade of ours, or there twice`);
        continue;
      }
      seen.add(order.clOrdId);
      const { lane, turn, receipt } = placed;
      if (!dec(order.sz).eq(dec(receipt.quantity)) || !dec(order.fillSz).eq(dec(receipt.filledQuantity))) {
        this.#found('wrong', `order ${order.clOrdId}: ${order.fillSz} of ${order.sz} at the venue`);
      }
      const before = latest.get(lane);
      const late = before !== undefined && (turn < before.turn || (turn === before.turn && before.leg === 'open'));
      if (late) this.#found('reordered', `order ${order.clOrdId} of signal ${turn} after one of ${before.turn}`);
      latest.set(lane, { turn, leg: receipt.leg });
    }
    for (const clOrdId of seen) this.#placed.delete(clOrdId);
  }

  /** Once all accounts were looked at: what is filled by our rows and unknown at the venue. */
  end(): void {
    for (const [id, { receipt }] of this.#placed) {
      if (dec(receipt.filledQuantity).gt(0)) this.#found('lost', `trade ${id} is filled, and unknown at the venue`);
    }
  }
}

/** Accounts whose orders are asked for at once. */
const ACCOUNTS_AT_ONCE = 8;

/** Reads rows and orders bit by bit and compares them. */
export async function checkBurst(
  world: World,
  cast: Cast,
  plan: BurstPlan,
  sent: readonly Sent[],
): Promise<BurstCheck> {
  const check = new BurstCheck(plan, cast);
  const db = world.database.forTenant(cast.tenantId);
  const signals = await db.signal.findMany({
    where: {},
    orderBy: { sequence: 'asc' },
    select: { id: true, status: true, idempotencyKey: true, intent: true },
  });
  const rows = signals.map(({ id, status, intent }) => ({
    id,
    status,
    senderId: (intent as { idempotencyKey?: string | null }).idempotencyKey ?? '',
  }));
  check.signals(sent, rows);
  for (const row of rows) {
    check.receipts(
      row,
      await db.$queryRaw<ReceiptRow[]>(
        Prisma.sql`SELECT id, subscriptionId, leg, status, code, CAST(quantity AS CHAR) AS quantity,
            CAST(filledQuantity AS CHAR) AS filledQuantity
          FROM Trade WHERE tenantId = ${cast.tenantId} AND signalId = ${row.id}`,
      ),
    );
  }
  const waiting = [...cast.accounts];
  const runner = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { orders } = await world.ask<{ orders: PlacedOrder[] }>(`orders?account=${next.venueAccount}`);
      check.account(orders);
    }
  };
  await Promise.all(Array.from({ length: ACCOUNTS_AT_ONCE }, runner));
  check.end();
  return check;
}
