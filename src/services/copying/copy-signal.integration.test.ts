import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

/** Sums what the simulator's books hold for one account, signed contracts. */
function venuePosition(orders: Awaited<ReturnType<Stage['venueOrders']>>, follower: StageFollower): number {
  return orders
    .filter((order) => order.account === follower.venueAccount)
    .reduce((total, order) => total + (order.side === 'buy' ? 1 : -1) * Number(order.fillSz), 0);
}

describe.each(['net', 'long_short'] as const)('copying in %s mode', (positionMode) => {
  let stage: Stage;
  let worker: StageWorker;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.addFollowers([
      { followRatio: '0.1', positionMode },
      { followRatio: '0.25', positionMode },
      { followRatio: '0.3333', positionMode },
    ]);
    worker = await stage.worker();
  });
  afterAll(() => stage.close());

  async function play(fields: Record<string, unknown>): Promise<string> {
    const signalId = await stage.send(fields);
    await worker.copy(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
    return signalId;
  }
  const held = () => Promise.all(stage.followers.map((follower) => stage.held(follower)));

  it('opens for every follower exactly once, each with his own size', async () => {
    const signalId = await play({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
    const orders = await stage.venueOrders();
    expect(orders).toHaveLength(3);
    expect(orders.map((order) => order.state)).toEqual(['filled', 'filled', 'filled']);
    const sizes = stage.followers.map(
      (follower) => orders.find((order) => order.account === follower.venueAccount)?.sz,
    );
    expect(sizes).toEqual(['10', '25', '33.33']);
    expect(orders.every((order) => order.lever === '10' && order.tag === '')).toBe(true);
    const trades = await stage.trades(signalId);
    expect(trades.map((trade) => trade.status)).toEqual(['filled', 'filled', 'filled']);
    expect(new Set(trades.map((trade) => trade.id))).toEqual(new Set(orders.map((order) => order.clOrdId)));
    expect(await held()).toEqual(['10', '25', '33.33']);
  });

  it('keeps every fill once, with its fee', async () => {
    const fills = await stage.db.fill.findMany();
    expect(fills).toHaveLength(3);
    expect(fills.every((fill) => fill.fee.isNegative())).toBe(true);
  });

  it('adds to what is held', async () => {
    await play({ action: 'open', side: 'long', quantity: { unit: 'base', value: '0.5' } });
    expect(await held()).toEqual(['15', '37.5', '49.99']);
  });

  it('closes the share that the leader closed', async () => {
    await play({ action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } });
    expect(await held()).toEqual(['7.5', '18.75', '25']);
  });

  it('reverses: closes what is held, then opens the other side', async () => {
    const signalId = await play({ action: 'open', side: 'short', quantity: { unit: 'base', value: '1' } });
    expect(await held()).toEqual(['-10', '-25', '-33.33']);
    const trades = await stage.trades(signalId);
    expect(trades).toHaveLength(6);
    expect(
      trades.filter((trade) => trade.leg === 'close').every((trade) => trade.reduceOnly === (positionMode === 'net')),
    ).toBe(true);
  });

  it('closes everything', async () => {
    await play({ action: 'close', side: 'short' });
    expect(await held()).toEqual(['0', '0', '0']);
    const orders = await stage.venueOrders();
    for (const follower of stage.followers) expect(venuePosition(orders, follower)).toBeCloseTo(0, 9);
  });

  it('realises the profit of what was closed', async () => {
    const closes = await stage.db.trade.findMany({ where: { leg: 'close' } });
    const booked = await stage.db.position.findMany();
    const ofTrades = closes.reduce((total, trade) => total + Number(trade.realizedPnl), 0);
    const ofPositions = booked.reduce((total, position) => total + Number(position.realizedPnl), 0);
    expect(ofTrades).not.toBe(0);
    expect(ofTrades).toBeCloseTo(ofPositions, 8);
  });

  it('does nothing when a finished signal is handed out again', async () => {
    const before = (await stage.venueOrders()).length;
    const last = await stage.db.signal.findFirstOrThrow({ orderBy: { sequence: 'desc' } });
    await worker.copy(last.id);
    expect(await stage.venueOrders()).toHaveLength(before);
  });

  it('pushes each customer his own trades only', () => {
    for (const message of stage.published.filter(({ room }) => room.startsWith('customer:'))) {
      if (!message.event.startsWith('order_')) continue;
      const changes = message.payload as { customerId: string }[];
      expect(changes.every((change) => message.room === `customer:${change.customerId}`)).toBe(true);
    }
  });
});
