import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

/** As large as its column: whatever it is multiplied with is larger. */
const HUGE = '999999999999999999';

let stage: Stage;
let worker: StageWorker;

beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '10' } };
const CLOSE = { action: 'close', side: 'long' };

/** Copies a signal; answers how it ended and, by follower, what became of his orders. */
async function copied(signalId: string, followers: readonly StageFollower[]) {
  await worker.copy(signalId);
  const { status, rejectCode } = await stage.signal(signalId);
  const trades = await stage.trades(signalId);
  const outcomes = followers.map(({ subscriptionId }) =>
    trades
      .filter((trade) => trade.subscriptionId === subscriptionId)
      .map((trade) => trade.code ?? trade.status)
      .join(' '),
  );
  return { signal: rejectCode ?? status, outcomes };
}

const copy = async (fields: Readonly<Record<string, unknown>>, followers: readonly StageFollower[]) =>
  copied(await stage.send(fields), followers);

describe('a follow ratio that no order can have', () => {
  it.each([[['0.1', HUGE, '0.2']], [[HUGE]]])('of %j is denied, and the lane goes on', async (ratios) => {
    const followers = await stage.addFollowers(ratios.map((followRatio) => ({ followRatio })));
    worker = await stage.worker();
    const entered = ratios.map((ratio) => (ratio === HUGE ? 'SIZE_OUT_OF_RANGE' : 'filled'));
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: entered });
    const left = ratios.map((ratio) => (ratio === HUGE ? 'NO_POSITION' : 'filled'));
    expect(await copy(CLOSE, followers)).toEqual({ signal: 'done', outcomes: left });
    for (const follower of followers) expect(await stage.held(follower)).toBe('0');
  });
});

describe('a signal whose size no order can have', () => {
  it('that is in its row is rejected, and the lane goes on', async () => {
    const followers = await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker();
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
    const absurd = await stage.send(OPEN);
    const { intent } = await stage.signal(absurd);
    const size = { unit: 'contracts', value: HUGE };
    await stage.db.signal.updateMany({ where: { id: absurd }, data: { intent: { ...(intent as object), size } } });
    expect(await copied(absurd, followers)).toEqual({ signal: 'SIZE_OUT_OF_RANGE', outcomes: [''] });
    expect(await copy(CLOSE, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
  });
});

describe('a price that no market has', () => {
  it('is none: entries are denied, and what is held is closed', async () => {
    const followers = await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker();
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '999999999999999', hold: true });
    const unpriced = await stage.worker({ name: 'unpriced' });
    const entry = await stage.send({ ...OPEN, maxLag: '1' });
    await unpriced.copy(entry);
    expect((await stage.trades(entry)).map(({ code }) => code)).toEqual(['STALE_SIGNAL']);
    const close = await stage.send(CLOSE);
    await unpriced.copy(close);
    expect((await stage.trades(close)).map(({ status }) => status)).toEqual(['filled']);
    expect(await stage.held(followers[0] as StageFollower)).toBe('0');
  });
});

describe('a row of one follower that makes no sense', () => {
  type Poison = (follower: StageFollower) => Promise<unknown>;
  const subscription =
    (data: Record<string, unknown>): Poison =>
    ({ subscriptionId }) =>
      stage.db.subscription.updateMany({ where: { id: subscriptionId }, data });
  const account =
    (data: Record<string, unknown>): Poison =>
    ({ accountId }) =>
      stage.db.exchangeAccount.updateMany({ where: { id: accountId }, data });
  const row = { instrumentId: 'okx:BTC-USDT-SWAP', side: 'long' } as const;

  it.each<[string, string, Poison]>([
    ['a size of', 'SIZE_OUT_OF_RANGE', subscription({ sizingMode: 'fixed_quantity', sizingValue: HUGE })],
    ['a notional of', 'SIZE_OUT_OF_RANGE', subscription({ sizingMode: 'fixed_notional', sizingValue: HUGE })],
    ['a leverage of nothing', 'LEVERAGE_EXCEEDED', subscription({ maxLeverage: '0' })],
    ['a leverage without end', 'filled', subscription({ maxLeverage: HUGE })],
    // Not believed, and so asked for.
    ['an equity without end', 'filled', account({ equity: HUGE })],
    ['values that are shifted', 'DECISION_FAILED', account({ health: 'failing', healthCode: 'A\tB\u001fC' })],
    [
      'a rounding debt without end',
      'filled',
      ({ subscriptionId }) =>
        stage.db.roundingDebt.create({
          data: { ...row, tenantId: stage.tenantId, subscriptionId, quantity: HUGE, updatedAt: new Date() },
        }),
    ],
    [
      'a position of another strategy without leverage',
      'filled',
      ({ customerId, accountId }) =>
        stage.db.position.create({
          data: {
            ...{ ...row, tenantId: stage.tenantId, customerId, accountId, subscriptionId: 'f'.repeat(32) },
            ...{ strategyId: 'e'.repeat(32), quantity: '1', cost: '100', leverage: '0', updatedAt: new Date() },
          },
        }),
    ],
  ])('(%s) leaves him with %s, and the others with their orders', async (_what, expected, poison) => {
    const followers = await stage.addFollowers([
      { followRatio: '0.1' },
      { followRatio: '0.1' },
      { followRatio: '0.1' },
    ]);
    worker = await stage.worker();
    const [, poisoned] = followers;
    if (poisoned === undefined) throw new Error('There is no follower to poison');
    await poison(poisoned);
    const entered = await copy(OPEN, followers);
    expect(entered).toEqual({ signal: 'done', outcomes: ['filled', expected, 'filled'] });
    const left = await copy(CLOSE, followers);
    expect([left.signal, left.outcomes[0], left.outcomes[2]]).toEqual(['done', 'filled', 'filled']);
    if (expected === 'filled') expect(left.outcomes[1]).toBe('filled');
  });

  it('of their strategy is on the receipts of all, and the lane goes on', async () => {
    const followers = await stage.addFollowers([{}, {}]);
    worker = await stage.worker();
    await stage.db.strategy.updateMany({ data: { symbols: { length: 1 } } });
    const failed = ['DECISION_FAILED', 'DECISION_FAILED'];
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: failed });
    await stage.db.strategy.updateMany({ data: { symbols: ['BTC-USDT-SWAP'] } });
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: ['filled', 'filled'] });
  });
});

describe('a signal that fails for a reason of its own', () => {
  const attempts = async (signalId: string, times: number) => {
    for (let attempt = 0; attempt < times; attempt += 1) await worker.copy(signalId).catch(() => undefined);
  };

  it('before anything is planned is rejected after some attempts, and the lane goes on', async () => {
    const followers = await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker();
    const broken = await stage.send(OPEN);
    const { intent } = await stage.signal(broken);
    await stage.db.signal.updateMany({
      where: { id: broken },
      data: { intent: { ...(intent as object), leverage: 'x' } },
    });
    await attempts(broken, 5);
    expect(await stage.signal(broken)).toMatchObject({ status: 'rejected', rejectCode: 'PLANNING_FAILED' });
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
  });

  it('and would have closed everything leaves an exit that is due', async () => {
    const followers = await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker();
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
    const broken = await stage.send(CLOSE);
    const { intent } = await stage.signal(broken);
    await stage.db.signal.updateMany({
      where: { id: broken },
      data: { intent: { ...(intent as object), leverage: 'x' } },
    });
    await attempts(broken, 5);
    expect(await stage.signal(broken)).toMatchObject({ status: 'rejected', rejectCode: 'PLANNING_FAILED' });
    expect(await worker.leave()).toHaveLength(1);
    expect(await stage.held(followers[0] as StageFollower)).toBe('0');
  });

  it('when it is to be ended is ended with a code, told, and the lane goes on', async () => {
    await stage.db.notificationChannel.create({
      data: { id: 'a'.repeat(32), tenantId: stage.tenantId, kind: 'dingtalk', name: 'a', configSealed: 'sealed' },
    });
    const followers = await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker();
    const first = await stage.send(OPEN);
    await worker.copy(first);
    // Its plan's rounding debt is one that no column holds.
    await stage.db.signal.updateMany({
      where: { id: first },
      data: { status: 'dispatching', claimedUntil: new Date(0) },
    });
    const decision = { steps: '', checks: '', debtAfter: `${HUGE}${HUGE}` };
    await stage.db.trade.updateMany({ where: { signalId: first }, data: { decision } });
    await stage.db.notification.deleteMany({});
    await attempts(first, 5);
    expect(await stage.signal(first)).toMatchObject({ status: 'done', rejectCode: 'NOT_FINISHED' });
    const told = await stage.db.notification.findMany({ where: { event: 'signal_done' } });
    expect(told.map(({ payload }) => payload)).toMatchObject([{ rejectCode: 'NOT_FINISHED' }]);
    expect(await copy(CLOSE, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
  });

  it('names an instrument that was listed a moment ago, and is copied', async () => {
    const followers = await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker({ readsInstruments: true });
    const instrument = await stage.database.system.instrument.findFirstOrThrow({ where: { symbol: 'BTC-USDT-SWAP' } });
    await stage.database.system.instrument.delete({ where: { id: instrument.id } });
    await worker.deps.instruments.refresh();
    await stage.database.system.instrument.create({ data: instrument });
    expect(await copy(OPEN, followers)).toEqual({ signal: 'done', outcomes: ['filled'] });
  });
});
