import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EffectPlane, OPEN_PLANE } from '@/platform/effects';
import { newId } from '@/platform/ids';
import { Stage, type StageWorker, until } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { claimSignal, findClaimable } from './claim';
import { copySignal } from './copy-signal';
import { rejectSignal } from './finish';
import { type SliceSizes, sliceSize } from './slices';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const SHARE = { action: 'open', side: 'long', quantity: { unit: 'percent_balance', value: '10' }, leverage: '2' };
const SLICES = { first: 2, growth: 1, most: 2, part: 2 };
/** One follower, then four, of whom two are written at a time. */
const IN_PARTS = { first: 1, growth: 4, most: 4, part: 2 };
/** What a dead worker may have sent is known after a moment. */
const TIMINGS = { ...EXECUTION_TIMINGS, sendWindow: 800, absenceMargin: 200 };
const RATIOS = ['0.1', '0.2', '0.3', '0.4', '0.5'];

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers(RATIOS.map((followRatio) => ({ followRatio })));
});
afterEach(() => stage.close());

function sizes(orders: readonly { readonly sz: string }[]): number[] {
  return orders.map(({ sz }) => Number(sz)).sort((a, b) => a - b);
}

/** Notices each part of a plan that is written. */
function watched(written: () => void): EffectPlane {
  return {
    ...OPEN_PLANE,
    async perform(effect, act) {
      const result = await act();
      if (effect.kind === 'sql' && effect.name.startsWith('INSERT INTO WrittenPlan')) written();
      return result;
    },
  };
}

type Death = { readonly slices?: SliceSizes; readonly parts?: number; readonly trades?: number };

/** Copies a signal until so many parts of its plan are written, and dies. */
async function beginAndDie(
  fields: Record<string, unknown>,
  { slices = SLICES, parts = 1, trades = 2 }: Death = {},
): Promise<string> {
  const signalId = await stage.send(fields);
  const dying = new AbortController();
  let written = 0;
  const effects = watched(() => {
    written += 1;
    if (written === parts) dying.abort();
  });
  const lost = await stage.worker({ name: 'lost', streams: false, slices, timings: TIMINGS, effects });
  await copySignal(lost.deps, signalId, dying.signal);
  expect(await stage.signal(signalId)).toMatchObject({ status: 'planning', plan: { next: expect.anything() } });
  expect(await stage.trades(signalId)).toHaveLength(trades);
  return signalId;
}

describe('a signal that is copied slice by slice', () => {
  it('reaches every follower once', async () => {
    const worker = await stage.worker({ slices: SLICES });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    const signal = await stage.signal(signalId);
    expect(signal.status).toBe('done');
    expect(signal.plan).not.toHaveProperty('next');
    expect((await stage.trades(signalId)).map(({ status }) => status)).toEqual(RATIOS.map(() => 'filled'));
    expect(sizes(await stage.venueOrders())).toEqual([10, 20, 30, 40, 50]);
    expect(await stage.db.writtenPlan.count({ where: {} })).toBe(0);
  });

  it('ends although nobody of the last slice trades at its venue', async () => {
    const worker = await stage.worker({ slices: SLICES });
    const last = stage.followers
      .map(({ accountId }) => accountId)
      .sort()
      .at(-1);
    await stage.db.exchangeAccount.updateMany({ where: { id: last }, data: { venue: 'elsewhere' } });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
    const trades = await stage.trades(signalId);
    expect(trades.map(({ status }) => status)).toEqual(RATIOS.slice(1).map(() => 'filled'));
    expect(trades.map(({ accountId }) => accountId)).not.toContain(last);
  });

  it('closes before it opens for every follower of a reversal', async () => {
    const worker = await stage.worker({ slices: SLICES });
    await worker.copy(await stage.send(OPEN));
    const signalId = await stage.send({ action: 'open', side: 'short', quantity: { unit: 'base', value: '2' } });
    await worker.copy(signalId);
    const trades = await stage.trades(signalId);
    expect(trades.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'filled'));
    for (const close of trades.filter(({ leg }) => leg === 'close')) {
      const open = trades.find(({ leg, subscriptionId }) => leg === 'open' && subscriptionId === close.subscriptionId);
      expect(open?.sentAt?.getTime()).toBeGreaterThanOrEqual(close.filledAt?.getTime() ?? Number.POSITIVE_INFINITY);
    }
  });
});

describe('a signal whose worker dies between two slices', () => {
  let heir: StageWorker;
  beforeEach(async () => {
    heir = await stage.worker({ name: 'heir', slices: SLICES, timings: TIMINGS });
  });

  it('reaches the others with the same move of the leader', async () => {
    const signalId = await beginAndDie(SHARE);
    const { plan: begun } = await stage.signal(signalId);
    // What would size the leader's move otherwise, if it were decided anew.
    await stage.db.signalSource.updateMany({ where: {}, data: { leaderEquity: '77' } });
    await heir.copy(signalId);
    const { plan, status } = await stage.signal(signalId);
    expect(status).toBe('done');
    const { next: _open, ...decided } = begun as Record<string, unknown>;
    expect(plan).toEqual(decided);
    expect(await stage.trades(signalId)).toHaveLength(5);
    const orders = await stage.venueOrders();
    expect(new Set(orders.map(({ account }) => account)).size).toBe(5);
    expect(orders).toHaveLength(5);
    const lane = await stage.db.signalLane.findFirst({ where: { sourceId: stage.sourceId } });
    expect(lane?.leaderSide).toBe('long');
    expect(lane?.leaderSize.toFixed()).toBe((plan as { after: { quantity: string } }).after.quantity);
  });

  it('writes what becomes of the first while the others wait for a price', async () => {
    await heir.copy(await stage.send(OPEN));
    const signalId = await beginAndDie({ ...OPEN, side: 'short' }, { trades: 4 });
    const { prices } = heir.deps;
    let known = false;
    const waiting = Object.create(prices, {
      price: { value: async (...of: Parameters<typeof prices.price>) => (known ? prices.price(...of) : null) },
    });
    const copied = copySignal({ ...heir.deps, prices: waiting }, signalId, new AbortController().signal);
    const closed = async () =>
      (await stage.trades(signalId)).filter(({ leg, status }) => leg === 'close' && status === 'filled').length;
    await until(async () => (await closed()) === 2, 'the closes of the first');
    known = true;
    await copied;
    expect(await closed()).toBe(5);
    expect((await stage.trades(signalId)).every(({ status }) => status === 'filled')).toBe(true);
  });

  it('denies the others when it has become too old, and is done', async () => {
    const signalId = await beginAndDie(OPEN);
    const past = new Date(Date.now() - 1000);
    await stage.db.signal.updateMany({
      where: { id: signalId },
      data: { expiresAt: past, sentAt: new Date(past.getTime() - 60_000) },
    });
    await heir.copy(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
    const trades = await stage.trades(signalId);
    expect(trades).toHaveLength(5);
    expect(trades.filter(({ code }) => code === 'STALE_SIGNAL').length).toBeGreaterThanOrEqual(3);
  });
});

/** Moves two of the followers to a strategy of their own, of the same source. */
async function addStrategy(): Promise<void> {
  const { id: _, ...first } = await stage.db.strategy.findFirstOrThrow({ omit: { symbols: true } });
  const strategyId = newId();
  await stage.db.strategy.create({ data: { ...first, id: strategyId, name: 'Second' } });
  const moved = stage.followers.slice(1, 3).map(({ subscriptionId }) => subscriptionId);
  await stage.db.subscription.updateMany({ where: { id: { in: moved } }, data: { strategyId } });
}

describe('a slice that is written in parts', () => {
  it.each([1, 2])('reaches every follower of %s strategies once', async (strategies) => {
    if (strategies === 2) await addStrategy();
    let written = 0;
    const effects = watched(() => {
      written += 1;
    });
    const worker = await stage.worker({ slices: IN_PARTS, effects });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    expect(written).toBe(3);
    expect(await stage.signal(signalId)).toMatchObject({ status: 'done' });
    expect((await stage.trades(signalId)).map(({ status }) => status)).toEqual(RATIOS.map(() => 'filled'));
    expect(sizes(await stage.venueOrders())).toEqual([10, 20, 30, 40, 50]);
  });

  it('is gone on with between them when its worker dies', async () => {
    const signalId = await beginAndDie(OPEN, { slices: IN_PARTS, parts: 2, trades: 3 });
    const heir = await stage.worker({ name: 'heir', slices: IN_PARTS, timings: TIMINGS });
    await heir.copy(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
    expect((await stage.trades(signalId)).map(({ status }) => status)).toEqual(RATIOS.map(() => 'filled'));
    expect(sizes(await stage.venueOrders())).toEqual([10, 20, 30, 40, 50]);
  });
});

it('a signal that is planned for some followers cannot be rejected any more', async () => {
  const signalId = await beginAndDie(OPEN);
  const found = await findClaimable(stage.database.statements, signalId);
  const claim = found && (await claimSignal(stage.database.statements, found, 'heir', EXECUTION_TIMINGS));
  if (claim === null) throw new Error('not claimed');
  expect(await rejectSignal(stage.db, claim, 'PLANNING_FAILED')).toBe(false);
  expect((await stage.signal(signalId)).status).toBe('planning');
});

describe('the slices of the followers', () => {
  it('grow up to a limit', () => {
    const lengths = [0, 1, 2, 3].map((index) => sliceSize({ first: 40, growth: 5, most: 1000, part: 250 }, index));
    expect(lengths).toEqual([40, 200, 1000, 1000]);
  });
});
