import { beforeEach, describe, expect, it } from 'vitest';
import { toText, ZERO } from '@/domain/decimal';
import { ExpectedBook } from '../storm/expected-book';
import type { Sent } from '../storm/sender';
import { BurstCheck, type PlacedOrder, type ReceiptRow, type TakenIn } from './check';
import { planBurst } from './plan';

const plan = planBurst(3, 2, 12);
const cast = {
  sourceIds: { a: 'a', b: 'b' },
  subscriptions: plan.scenario.followers.flatMap(({ index, subscriptions }) =>
    subscriptions.map(({ source }) => ({ id: `${index}${source}`, follower: index, source })),
  ),
};

type Story = {
  sent: Sent[];
  rows: TakenIn[];
  receipts: ReceiptRow[][];
  /** By follower, in the order of the venue. */
  orders: PlacedOrder[][];
};

/** What a faultless service would have done. */
function faultless(): Story {
  const story: Story = { sent: [], rows: [], receipts: [], orders: [[], []] };
  const book = new ExpectedBook();
  let next = 1;
  for (const signal of plan.scenario.signals) {
    story.rows.push({ id: `row-${signal.id}`, senderId: signal.id, status: 'done' });
    story.sent.push({ signal, signalIds: [`row-${signal.id}`], refused: null, attempts: 1, oddAnswers: [] });
    const hand = book.begin(signal);
    const receipts: ReceiptRow[] = [];
    for (const { id: subscriptionId, follower: index, source } of cast.subscriptions) {
      if (source !== signal.source) continue;
      const follower = plan.scenario.followers[index];
      const terms = follower?.subscriptions.find((candidate) => candidate.source === source);
      if (follower === undefined || terms === undefined) throw new Error('No such follower');
      const expected = hand.expectations(follower, terms);
      for (const one of expected) {
        const id = `t${next}`;
        const quantity = one.kind === 'order' ? toText(one.quantity) : '0';
        const status = one.kind === 'order' ? 'filled' : 'denied';
        const code = one.kind === 'order' ? null : one.code;
        receipts.push({ id, subscriptionId, leg: one.leg, status, code, quantity, filledQuantity: quantity });
        if (one.kind === 'denial') continue;
        const order = { account: String(index), clOrdId: id, ordId: String(next), state: 'filled' };
        story.orders[index]?.push({ ...order, sz: quantity, fillSz: quantity });
        next += 1;
      }
      hand.settle(follower, terms, expected, (leg) => {
        const one = expected.find((candidate) => candidate.leg === leg);
        if (one === undefined) return null;
        return one.kind === 'order'
          ? { taken: true, filled: one.quantity, code: null }
          : { taken: false, filled: ZERO, code: one.code };
      });
    }
    story.receipts.push(receipts);
  }
  return story;
}

function counts(story: Story): BurstCheck['counts'] {
  const check = new BurstCheck(plan, cast);
  check.signals(story.sent, story.rows);
  for (const [index, row] of story.rows.entries()) check.receipts(row, story.receipts[index] ?? []);
  for (const orders of story.orders) check.account(orders);
  check.end();
  return check.counts;
}

describe('the comparison of a burst', () => {
  let story: Story;
  beforeEach(() => {
    story = faultless();
  });

  it('finds nothing where all is well', () => {
    expect(story.orders.flat().length).toBeGreaterThan(10);
    expect(counts(story)).toEqual({ lost: 0, doubled: 0, reordered: 0, wrong: 0 });
  });

  it('finds a receipt that is missing, and an order that the venue does not know', () => {
    story.receipts[0]?.pop();
    expect(counts(story).lost).toBe(1);
    story = faultless();
    story.orders[0]?.pop();
    expect(counts(story).lost).toBe(1);
  });

  it('finds a signal that never became a row', () => {
    story.rows.pop();
    expect(counts(story).lost).toBeGreaterThanOrEqual(1);
  });

  it('finds an order that is no trade of ours, and one that is there twice', () => {
    const [first] = story.orders[0] ?? [];
    if (first === undefined) throw new Error('No order');
    story.orders[0]?.push({ ...first, ordId: '999' }, { ...first, ordId: '1000', clOrdId: 'stranger' });
    expect(counts(story)).toMatchObject({ doubled: 2, lost: 0 });
  });

  it('finds orders of one lane that the venue took in another order', () => {
    const lane = plan.lanes[0] ?? [];
    const ids = new Set(
      story.rows.flatMap((row, index) =>
        lane.some((signal) => signal.id === row.senderId) ? (story.receipts[index] ?? []).map(({ id }) => id) : [],
      ),
    );
    const [first, second] = (story.orders[0] ?? []).filter((order) => ids.has(order.clOrdId));
    if (first === undefined || second === undefined) throw new Error('Too few orders');
    story.orders[0] = (story.orders[0] ?? []).map((order) =>
      order === first ? { ...order, ordId: second.ordId } : order === second ? { ...order, ordId: first.ordId } : order,
    );
    expect(counts(story)).toMatchObject({ lost: 0, doubled: 0, wrong: 0 });
    expect(counts(story).reordered).toBeGreaterThanOrEqual(1);
  });

  it('finds signals of one lane that were taken in in another order', () => {
    const lane = plan.lanes.find((signals) => signals.length > 1) ?? [];
    const [a, b] = lane.map((signal) => story.rows.findIndex((row) => row.senderId === signal.id));
    const [first, second] = [story.rows[a ?? 0], story.rows[b ?? 0]];
    if (first === undefined || second === undefined) throw new Error('Too few signals');
    story.rows[a ?? 0] = second;
    story.rows[b ?? 0] = first;
    expect(counts(story).reordered).toBeGreaterThanOrEqual(1);
  });

  it('finds an order of another size', () => {
    const index = story.receipts.findIndex((receipts) => receipts.some(({ status }) => status === 'filled'));
    story.receipts[index] = (story.receipts[index] ?? []).map((receipt) => ({ ...receipt, quantity: '123' }));
    expect(counts(story).wrong).toBeGreaterThanOrEqual(1);
  });
});
