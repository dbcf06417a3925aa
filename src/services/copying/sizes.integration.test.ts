import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FollowerOptions, Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

/** BTC is at 100,000; one contract is a hundredth of it. */
let stage: Stage;
let worker: StageWorker;
beforeEach(async () => {
  stage = await Stage.open();
  worker = await stage.worker();
});
afterEach(() => stage.close());

async function follow(options: FollowerOptions): Promise<StageFollower> {
  const [follower] = await stage.addFollowers([options]);
  if (follower === undefined) throw new Error('no follower');
  return follower;
}

async function copied(fields: Readonly<Record<string, unknown>>) {
  const signalId = await stage.send(fields);
  await worker.copy(signalId);
  return stage.trades(signalId);
}

const contracts = (value: string) => ({ unit: 'contracts', value });

describe('a reversal of more than the venue takes in one market order', () => {
  const REVERSE = { action: 'open', side: 'short', quantity: contracts('30') };
  beforeEach(async () => {
    await follow({ followRatio: '0.1' });
    await copied({ action: 'open', side: 'long', quantity: contracts('100') });
    await stage.database.system.instrument.update({
      where: { id: 'okx:BTC-USDT-SWAP' },
      data: { maxMarketSize: '4' },
    });
    await stage.catalogue.refresh(true);
  });

  it('closes in parts, each with its receipt, and opens the other side', async () => {
    const trades = await copied(REVERSE);
    const told = trades.map(({ leg, round, quantity, status }) => [leg, round, quantity.toFixed(), status]).sort();
    expect(told).toEqual([
      ['close', 0, '4', 'filled'],
      ['close', 1, '4', 'filled'],
      ['close', 2, '2', 'filled'],
      ['open', 0, '3', 'filled'],
    ]);
    const [follower] = stage.followers;
    if (follower === undefined) throw new Error('no follower');
    expect([await stage.held(follower), await stage.venueHeld(follower)]).toEqual(['-3', '-3']);
    expect((await stage.db.roundingDebt.findMany()).every(({ quantity }) => quantity.isZero())).toBe(true);
    expect(await worker.leave()).toEqual([]);
  });

  it('opens nothing where one of the parts is not filled, and closes what is left', async () => {
    await stage.control('faults', { kind: 'partial-fill', fraction: 0.5, rest: 'cancel', count: 1 });
    const trades = await copied(REVERSE);
    expect(trades.find(({ leg }) => leg === 'open')).toMatchObject({ status: 'expired', code: 'CLOSE_NOT_FILLED' });
    await worker.leave();
    const [follower] = stage.followers;
    if (follower === undefined) throw new Error('no follower');
    expect([await stage.held(follower), await stage.venueHeld(follower)]).toEqual(['0', '0']);
  });
});

it('rests a limit that is copied in reverse where the leader’s would rest', async () => {
  await follow({ followRatio: '1', reverse: true });
  const entry = { action: 'open', quantity: contracts('1'), orderType: 'limit' };
  const [sale] = await copied({ ...entry, side: 'long', limitPrice: '99000' });
  expect(sale).toMatchObject({ side: 'sell', status: 'live' });
  expect(sale?.limitPrice?.toFixed()).toBe('101000');
  expect((await stage.venueOrders()).map(({ side, state }) => [side, state])).toEqual([['sell', 'live']]);
});

it('closes what followers hold at a target of zero although the leader holds nothing', async () => {
  const follower = await follow({ followRatio: '0.1' });
  await copied({ action: 'open', side: 'long', quantity: contracts('100') });
  await stage.db.signalLane.updateMany({ data: { leaderSide: null, leaderSize: '0' } });
  const trades = await copied({ action: 'target', quantity: contracts('0') });
  expect(trades).toMatchObject([{ leg: 'close', status: 'filled' }]);
  expect(await stage.held(follower)).toBe('0');
});

it('adds what rounding owes on the side that is traded only, and once', async () => {
  const { subscriptionId } = await follow({ followRatio: '0.1' });
  const { tenantId } = stage;
  const row = { tenantId, subscriptionId, instrumentId: 'okx:BTC-USDT-SWAP', updatedAt: new Date() };
  await stage.db.roundingDebt.create({ data: { ...row, side: 'short', quantity: '0.0055' } });
  const rest = { action: 'open', side: 'long', quantity: contracts('0.055'), orderType: 'limit', limitPrice: '40000' };
  let ordered = 0;
  for (let adds = 0; adds < 10; adds += 1) {
    const [trade] = await copied(rest);
    if (trade?.status === 'live') ordered += trade.quantity.toNumber();
    else expect(trade).toMatchObject({ status: 'denied', code: 'BELOW_MINIMUM' });
  }
  expect(ordered).toBeCloseTo(0.05, 10);
  const debts = await stage.db.roundingDebt.findMany({ orderBy: { side: 'asc' } });
  expect(debts.map(({ side, quantity }) => [side, quantity.toFixed()])).toEqual([
    ['long', '0.005'],
    ['short', '0.0055'],
  ]);
});

it('reduces what a near stop makes too large where the subscription says so, and denies it elsewhere', async () => {
  const byRisk = { sizingMode: 'risk_percent', sizingValue: '1', maxOrderShare: '0.05' } as const;
  const followers = [await follow({}), await follow({})];
  for (const [index, { subscriptionId }] of followers.entries()) {
    const data = { ...byRisk, reduceToCap: index === 0 };
    await stage.db.subscription.updateMany({ where: { id: subscriptionId }, data });
  }
  const trades = await copied({
    ...{ action: 'open', side: 'long', quantity: contracts('1') },
    stopLoss: { price: '99900' },
  });
  const of = (follower: StageFollower | undefined) =>
    trades.find((trade) => trade.leg === 'open' && trade.subscriptionId === follower?.subscriptionId);
  expect(of(followers[1])).toMatchObject({ status: 'denied', code: 'ORDER_CAP' });
  expect(of(followers[0])).toMatchObject({ status: 'filled' });
  expect(JSON.stringify(of(followers[0])?.decision)).toContain('reduced_to_cap');
  // 5 % of 100,000 at 10× are half a coin.
  expect(of(followers[0])?.quantity.toFixed()).toBe('50');
});
