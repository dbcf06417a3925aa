import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';

const PRICE = '100000';
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const STOPS = { stopLoss: { price: '95000' }, takeProfit: { price: '110000' } };
const PLACE = { method: 'POST', path: '/api/v5/trade/order-algo' };
const CHANGE = { method: 'POST', path: '/api/v5/trade/amend-algos' };
const ORDER = { method: 'POST', path: '/api/v5/trade/order' };
/** "SL trigger price cannot be higher than the last price", and "TP trigger price cannot be lower than …". */
const STOP_CROSSED = '51280';
const TAKE_CROSSED = '51279';

describe('a level that the market has passed before the venue holds it', () => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;
  let other: StageFollower;

  beforeEach(async () => {
    stage = await Stage.open();
    const [first, second] = await stage.addFollowers([
      { followRatio: '0.1' },
      { followRatio: '0.2', positionMode: 'long_short' },
    ]);
    if (first === undefined || second === undefined) throw new Error('no followers');
    follower = first;
    other = second;
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: PRICE, hold: true });
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  const refuse = (request: object, code: string, of = follower, count = 1) =>
    stage.control('faults', { kind: 'refuse', code, match: { ...request, account: of.venueAccount }, count });

  async function copy(fields: Readonly<Record<string, unknown>>): Promise<string> {
    const signalId = await stage.send(fields);
    await worker.copy(signalId);
    await worker.protect();
    return signalId;
  }

  /** Closes what has to go. Answers the signals that did it. */
  async function leave(): Promise<readonly string[]> {
    const closing = await worker.leave();
    await worker.protect();
    return closing;
  }

  const closes = (of = follower) =>
    stage.db.trade.findMany({ where: { leg: 'close', subscriptionId: of.subscriptionId }, orderBy: { id: 'asc' } });
  const closingSignals = () => stage.db.signal.findMany({ where: { format: 'crossed-stop' } });
  const protections = (of = follower) => stage.db.protection.findMany({ where: { subscriptionId: of.subscriptionId } });
  const live = async (of: StageFollower) =>
    (await stage.control<{ algos: { account: string; state: string }[] }>('algos')).algos.filter(
      ({ account, state }) => account === of.venueAccount && state === 'live',
    ).length;

  it.each([
    ['stop-loss', STOP_CROSSED, 'stop'],
    ['take-profit', TAKE_CROSSED, 'take'],
  ])('closes the position at market, once, with a receipt: %s', async (_what, code, crossed) => {
    await refuse(PLACE, code);
    const entry = await copy({ ...OPEN, ...STOPS });
    expect(await protections()).toMatchObject([{ crossed, code, open: true }]);
    expect(
      await stage.db.trade.findMany({ where: { leg: 'stop', subscriptionId: follower.subscriptionId } }),
    ).toMatchObject([{ signalId: entry, status: 'rejected', code }]);
    const called = await leave();
    expect(called).toHaveLength(1);
    expect(await stage.held(follower)).toBe('0');
    expect(await closes()).toMatchObject([
      { signalId: called[0], status: 'filled', reduceOnly: true, orderType: 'market' },
    ]);
    expect(await protections()).toMatchObject([{ crossed: null, open: false }]);
    // Who has his stop order keeps what he holds, and the leader stands where he stood.
    expect(await stage.held(other)).toBe('20');
    expect(await live(other)).toBe(1);
    expect(await stage.db.signalLane.findFirst()).toMatchObject({ leaderSide: 'long' });
    expect(await worker.leave()).toEqual([]);
  });

  it('closes it where the venue refuses to move a standing order, which goes with the position', async () => {
    await copy({ ...OPEN, ...STOPS });
    await refuse(CHANGE, STOP_CROSSED, other);
    await copy({ action: 'protect', side: 'long', stopLoss: { price: '99990' }, takeProfit: { price: '110000' } });
    expect(await protections(other)).toMatchObject([{ crossed: 'stop' }]);
    await leave();
    expect(await stage.held(other)).toBe('0');
    await until(async () => {
      await worker.protect();
      return (await live(other)) === 0;
    }, 'the old order is taken back');
    expect(await stage.held(follower)).toBe('10');
    expect(await live(follower)).toBe(1);
  });

  it('is closed for all who are crossed by one signal, and for those who are crossed later by another', async () => {
    await refuse(PLACE, STOP_CROSSED);
    await refuse(PLACE, STOP_CROSSED, other);
    await copy({ ...OPEN, ...STOPS });
    expect(await leave()).toHaveLength(1);
    expect([await stage.held(follower), await stage.held(other)]).toEqual(['0', '0']);
    await refuse(PLACE, STOP_CROSSED, other);
    await copy({ ...OPEN, ...STOPS });
    await leave();
    expect([await stage.held(follower), await stage.held(other)]).toEqual(['10', '0']);
    expect(await closingSignals()).toHaveLength(2);
  });

  it('is not closed when the leader has moved it, or left, before its turn', async () => {
    await refuse(PLACE, STOP_CROSSED);
    await refuse(PLACE, STOP_CROSSED, other);
    const entry = await stage.send({ ...OPEN, ...STOPS });
    await worker.copy(entry);
    // They stand in the lane already when the levels turn out to be crossed.
    const moved = await stage.send({ action: 'protect', side: 'long', stopLoss: { price: '90000' } });
    await worker.protect();
    await worker.copy(moved);
    await leave();
    expect([await stage.held(follower), await stage.held(other)]).toEqual(['10', '20']);
    expect([await live(follower), await live(other)]).toEqual([1, 1]);
    expect(await closes()).toEqual([]);
  });

  it('is closed once although the leader closes at the same time', async () => {
    await refuse(PLACE, STOP_CROSSED);
    await worker.copy(await stage.send({ ...OPEN, ...STOPS }));
    const left = await stage.send({ action: 'close', side: 'long' });
    await worker.protect();
    await worker.copy(left);
    await leave();
    expect(await stage.held(follower)).toBe('0');
    expect(await closes()).toMatchObject([{ signalId: left, status: 'filled' }]);
    const sold = (await stage.venueOrders()).filter(
      ({ account, side }) => account === follower.venueAccount && side === 'sell',
    );
    expect(sold.map(({ fillSz }) => fillSz)).toEqual(['10']);
  });

  it('is closed again, at a slower and slower pace, where its close was refused', async () => {
    await refuse(PLACE, STOP_CROSSED);
    await copy({ ...OPEN, ...STOPS });
    await refuse(ORDER, '51000', follower, 2);
    expect(await leave()).toHaveLength(1);
    expect(await stage.held(follower)).toBe('10');
    expect(await leave()).toEqual([]);
    await stage.hurry();
    expect(await leave()).toHaveLength(1);
    expect(await stage.held(follower)).toBe('10');
    await stage.hurry();
    expect(await leave()).toHaveLength(1);
    expect(await stage.held(follower)).toBe('0');
  });

  it('gets its order after all where the market has come back and the close failed', async () => {
    await refuse(PLACE, STOP_CROSSED);
    await copy({ ...OPEN, ...STOPS });
    await refuse(ORDER, '51000');
    await leave();
    await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
    await worker.protect();
    expect(await live(follower)).toBe(1);
    expect(await protections()).toMatchObject([{ crossed: null, failures: 0, request: 'place' }]);
    expect(await worker.leave()).toEqual([]);
  });

  it('is not closed under halt, and is when the switch is off again', async () => {
    await refuse(PLACE, STOP_CROSSED);
    await copy({ ...OPEN, ...STOPS });
    const where = { id: follower.customerId };
    await stage.db.customer.updateMany({ where, data: { killSwitch: 'halt' } });
    await worker.deps.killSwitches.refresh();
    await leave();
    expect(await stage.held(follower)).toBe('10');
    expect(await worker.leave()).toEqual([]);
    await stage.db.customer.updateMany({ where, data: { killSwitch: 'none' } });
    await worker.deps.killSwitches.refresh();
    await worker.leave();
    expect(await stage.held(follower)).toBe('0');
  });
});
