import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@/platform/clock';
import { type EffectPlane, OPEN_PLANE } from '@/platform/effects';
import { openCredentials } from '@/services/accounts/credentials';
import { EXECUTION_TIMINGS } from '@/services/execution/timings';
import { PositionWatch } from '@/services/reconciliation/position-watch';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';

const PRICE = '100000';
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const STOPS = { stopLoss: { percent: '5' }, takeProfit: { price: '110000' } };
const CHANGE = { method: 'POST', path: '/api/v5/trade/amend-algos' };
const PLACE = { method: 'POST', path: '/api/v5/trade/order-algo' };
const CANCEL = { method: 'POST', path: '/api/v5/trade/cancel-algos' };

type Algo = {
  account: string;
  algoClOrdId: string;
  side: string;
  posSide: string;
  sz: string;
  slTriggerPx: string;
  tpTriggerPx: string;
  state: string;
};

describe('stop-loss and take-profit', () => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;

  beforeEach(async () => {
    stage = await Stage.open();
    const [first] = await stage.addFollowers([
      { followRatio: '0.1' },
      { followRatio: '0.2', positionMode: 'long_short' },
    ]);
    if (first === undefined) throw new Error('no follower');
    follower = first;
    await setPrice(PRICE);
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  const setPrice = (price: string) => stage.control('price', { instId: 'BTC-USDT-SWAP', price, hold: true });

  async function copy(fields: Readonly<Record<string, unknown>>, by = worker): Promise<string> {
    const signalId = await stage.send(fields);
    await by.copy(signalId);
    await by.protect();
    return signalId;
  }

  async function algos(of = follower): Promise<Algo[]> {
    const all = await stage.control<{ algos: Algo[] }>('algos');
    return all.algos.filter(({ account }) => account === of.venueAccount);
  }

  async function live(of = follower): Promise<string[]> {
    const standing = (await algos(of)).filter(({ state }) => state === 'live');
    return standing.map(
      ({ side, sz, slTriggerPx, tpTriggerPx }) => `${side} ${sz} sl ${slTriggerPx} tp ${tpTriggerPx}`,
    );
  }

  const stopTrades = () =>
    stage.db.trade.findMany({
      where: { leg: 'stop', subscriptionId: follower.subscriptionId },
      orderBy: { createdAt: 'asc' },
    });

  it('are placed for every follower with the size and the entry of his own position', async () => {
    const signalId = await copy({ ...OPEN, ...STOPS });
    const entry = (
      await stage.db.position.findFirstOrThrow({ where: { subscriptionId: follower.subscriptionId } })
    ).cost
      .div('0.1')
      .toFixed();
    expect(entry).toBe('100000.1');
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
    const [, second] = stage.followers;
    expect(second && (await live(second))).toEqual(['sell 20 sl 95000.1 tp 110000']);
    const [trade] = await stopTrades();
    expect(trade).toMatchObject({ signalId, status: 'live', leg: 'stop', side: 'sell' });
    expect((await algos())[0]?.algoClOrdId).toBe(trade?.id);
  });

  it('move with the position and with the signals, and go with it', async () => {
    await copy({ ...OPEN, ...STOPS });
    await copy({ ...OPEN });
    expect(await live()).toEqual(['sell 20 sl 95000.1 tp 110000']);
    await copy({ action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } });
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
    const moved = await copy({ action: 'protect', stopLoss: { price: '99000' }, takeProfit: { price: '120000' } });
    expect(await live()).toEqual(['sell 10 sl 99000 tp 120000']);
    expect(await stopTrades()).toMatchObject([{ signalId: moved, status: 'live' }]);
    await copy({ action: 'protect', side: 'long', takeProfit: { price: '120000' } });
    await worker.protect();
    expect(await live()).toEqual(['sell 10 sl  tp 120000']);
    await copy({ action: 'close' });
    expect(await live()).toEqual([]);
    expect((await stopTrades()).map(({ status }) => status)).toEqual(['canceled', 'canceled']);
    expect(await stage.db.protection.count({ where: { open: true } })).toBe(0);
  });

  it('are placed although hundreds of other accounts, of which nobody takes care, wait for longer', async () => {
    const nobody = 'f'.repeat(32);
    const foreign = {
      tenantId: nobody,
      customerId: nobody,
      accountId: nobody,
      strategyId: nobody,
      signalId: nobody,
      instrumentId: 'okx:BTC-USDT-SWAP',
      side: 'long',
      nextAt: new Date(0),
      updatedAt: new Date(0),
    } as const;
    const data = Array.from({ length: 1200 }, (_, index) => ({
      ...foreign,
      subscriptionId: String(index).padStart(32, '0'),
    }));
    await stage.database.system.protection.createMany({ data });
    await copy({ ...OPEN, ...STOPS });
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
  });

  it('are placed although the database takes longer for a step than there is time for sending', async () => {
    const slowly: EffectPlane = {
      ...OPEN_PLANE,
      perform: async (effect, act) => {
        if (effect.name === 'BEGIN') await new Promise((resolve) => setTimeout(resolve, 1100));
        return act();
      },
    };
    const slow = await stage.worker({
      streams: false,
      effects: slowly,
      timings: { ...EXECUTION_TIMINGS, stopSendWindow: 1000 },
    });
    const signalId = await stage.send({ ...OPEN, ...STOPS });
    await worker.copy(signalId);
    await slow.protect();
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
  });

  it('are not taken back by a worker that stood still while another one found that they are needed again', async () => {
    await copy({ ...OPEN, ...STOPS });
    await worker.copy(await stage.send({ action: 'protect', side: 'long' }));
    let goOn = (): void => undefined;
    const standstill = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let cancelling = false;
    const standing: EffectPlane = {
      ...OPEN_PLANE,
      perform: async (effect, act) => {
        if (effect.name === 'cancel stop') {
          cancelling = true;
          await standstill;
        }
        return act();
      },
    };
    const timings = {
      ...EXECUTION_TIMINGS,
      stopLease: 400,
      stopSendWindow: 200,
      stopAbsentAfter: 600,
      stopAskAgain: 50,
    };
    const other = await stage.worker({ streams: false, timings });
    const slow = await stage.worker({ streams: false, effects: standing, timings });
    const looked = slow.protect();
    await until(() => cancelling, 'it is about to take them back');
    const over = Date.now() + timings.stopLease;
    await until(() => Date.now() > over, 'its claim has run out');
    await worker.copy(await stage.send({ action: 'protect', side: 'long', ...STOPS }));
    await until(async () => {
      await other.protect();
      const rows = await stage.db.protection.findMany();
      return rows.every((row) => row.confirmed && row.request === 'place');
    }, 'they stand again');
    goOn();
    await looked;
    expect((await algos()).map(({ state }) => state)).toEqual(['live']);
  });

  it('stand in the end although a cancel that nobody answered arrives after they are wanted again', async () => {
    await copy({ ...OPEN, ...STOPS });
    const arrivesAfter = 2500;
    const match = { ...CANCEL, account: follower.venueAccount };
    await stage.control('faults', { kind: 'latency', ms: arrivesAfter, match, count: 1 });
    const arrived = Date.now() + arrivesAfter;
    await copy({ action: 'protect', side: 'long' });
    await worker.copy(await stage.send({ action: 'protect', side: 'long', ...STOPS }));
    await until(async () => {
      await worker.protect();
      const rows = await stage.db.protection.findMany();
      return rows.every((row) => row.confirmed && row.request === 'place') && Date.now() > arrived + 500;
    }, 'they stand again');
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
  });

  it('close what is held when their price is reached, once, in our books as well', async () => {
    const signalId = await copy({ ...OPEN, ...STOPS });
    await setPrice('94900');
    await until(async () => (await stage.held(follower)) === '0', 'the stop is booked');
    await worker.protect();
    expect(await live()).toEqual([]);
    const [trade] = await stopTrades();
    expect(trade).toMatchObject({ signalId, status: 'filled' });
    expect(trade?.filledQuantity.toFixed()).toBe('10');
    expect(trade?.realizedPnl.isNegative()).toBe(true);
    expect(await stage.db.fill.count({ where: { tradeId: trade?.id ?? '' } })).toBe(1);
    // What is gone is not sold again, and a later entry starts without the levels of the one before.
    await copy({ action: 'close' });
    await copy({ ...OPEN });
    expect(await live()).toEqual([]);
    expect(await stage.held(follower)).toBe('10');
  });

  it('are found out by asking when the push of their fill is lost', async () => {
    await copy({ ...OPEN, ...STOPS });
    await stage.control('faults', { kind: 'push-drop', match: { channel: 'orders' } });
    await setPrice('94900');
    const watch = new PositionWatch({ ...worker.deps, ...worker, clock: systemClock });
    const { accountId: id, customerId } = follower;
    expect(await watch.look({ id, tenantId: stage.tenantId, customerId })).toBe('suspected');
    await worker.protect();
    await until(async () => (await stage.held(follower)) === '0', 'the stop is booked');
    expect(await stage.db.positionDrift.count()).toBe(0);
  });

  it('cover what was really filled, while it is being filled', async () => {
    const match = { account: follower.venueAccount };
    await stage.control('faults', { kind: 'partial-fill', fraction: 0.4, rest: 'later', ms: 1500, match, count: 1 });
    const signalId = await stage.send({ ...OPEN, ...STOPS });
    const copied = worker.copy(signalId);
    await until(async () => (await stage.held(follower)) === '4', 'a part is filled');
    await worker.protect();
    expect(await live()).toEqual(['sell 4 sl 95000.1 tp 110000']);
    await copied;
    await worker.protect();
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
  });

  it('cover a part whose rest was cancelled', async () => {
    const match = { account: follower.venueAccount };
    await stage.control('faults', { kind: 'partial-fill', fraction: 0.4, rest: 'cancel', match, count: 1 });
    await copy({ ...OPEN, ...STOPS });
    expect(await live()).toEqual(['sell 4 sl 95000.1 tp 110000']);
  });

  it('change places for who copies in reverse', async () => {
    const [reverse] = await stage.addFollowers([{ followRatio: '0.1', reverse: true }]);
    await copy({ ...OPEN, stopLoss: { price: '95000' }, takeProfit: { price: '110000' } });
    expect(reverse && (await live(reverse))).toEqual(['buy 10 sl 110000 tp 95000']);
  });

  it('are looked at before an entry leaves: one that the market has passed denies it, whether or not the signal names a price', async () => {
    const [reverse] = await stage.addFollowers([{ followRatio: '0.1', reverse: true }]);
    const signalId = await copy({ ...OPEN, stopLoss: { price: '100500' } });
    const denied = await stage.db.trade.findMany({ where: { signalId } });
    const codes = new Map(denied.map(({ subscriptionId, status, code }) => [subscriptionId, `${status} ${code}`]));
    expect(codes.get(follower.subscriptionId)).toBe('denied STOP_CROSSED');
    expect(codes.get(reverse?.subscriptionId ?? '')).toBe('denied TAKE_PROFIT_CROSSED');
    expect(denied.find(({ subscriptionId }) => subscriptionId === follower.subscriptionId)?.detail).toMatchObject({
      level: '100500',
      side: 'long',
    });
    expect(await stage.venueOrders()).toEqual([]);
    expect(await stage.db.protection.count()).toBe(0);
    // A limit fills at its own price or a better one: for who sells above the market at his own, for who buys there at the market's.
    const short = { ...OPEN, side: 'short', orderType: 'limit', limitPrice: '101000' };
    const resting = await copy({ ...short, stopLoss: { price: '101500' }, takeProfit: { price: '100500' } });
    const opens = await stage.db.trade.findMany({ where: { signalId: resting, leg: 'open' } });
    const outcomes = new Map(opens.map(({ subscriptionId, status, code }) => [subscriptionId, `${status} ${code}`]));
    expect(outcomes.get(follower.subscriptionId)).toBe('live null');
    expect(outcomes.get(reverse?.subscriptionId ?? '')).toBe('denied STOP_CROSSED');
  });

  it.each([
    ['placing', PLACE, 'before'],
    ['placing', PLACE, 'after'],
    ['changing', CHANGE, 'before'],
    ['changing', CHANGE, 'after'],
    ['taking back', CANCEL, 'before'],
    ['taking back', CANCEL, 'after'],
  ] as const)(
    'stand once and as they should although %s lost its answer (%j, %s)',
    async (_what, match, when) => {
      await stage.control('faults', {
        kind: 'drop',
        when,
        match: { ...match, account: follower.venueAccount },
        count: 1,
      });
      await copy({ ...OPEN, ...STOPS });
      const settled = async (expected: readonly string[]): Promise<void> => {
        await until(
          async () => {
            await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
            await worker.protect();
            return JSON.stringify(await live()) === JSON.stringify(expected);
          },
          `${expected.join()} stands`,
          15_000,
        );
      };
      await settled(['sell 10 sl 95000.1 tp 110000']);
      await copy({ ...OPEN });
      await settled(['sell 20 sl 95000.1 tp 110000']);
      await copy({ action: 'close' });
      await settled([]);
      expect(await algos()).toHaveLength(1);
      expect((await stopTrades()).map(({ status }) => status)).toEqual(['canceled']);
    },
    40_000,
  );

  it.each(['51065', '51068'])('are asked for where the venue says that their id exists (%s)', async (code) => {
    const match = { ...PLACE, account: follower.venueAccount };
    await stage.control('faults', { kind: 'refuse', code, match, count: 1 });
    await copy({ ...OPEN, ...STOPS });
    expect(await stopTrades()).toMatchObject([{ status: 'unknown', code }]);
    await until(async () => {
      await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
      await worker.protect();
      return (await live()).length > 0;
    }, 'it stands');
    expect(await algos()).toHaveLength(1);
    expect(await stopTrades()).toMatchObject([{ status: 'live', code: null }]);
  });

  const open = () => stage.db.protection.count({ where: { open: true } });

  it('are over as soon as the entry that they wait for has failed, so that nothing keeps the account', async () => {
    const send = { path: '/api/v5/trade/order', method: 'POST' };
    await stage.control('faults', { kind: 'refuse', code: '51008', match: send, count: 2 });
    const signalId = await stage.send({ ...OPEN, ...STOPS });
    // It looks while the entry is on its way, too.
    const copied = worker.copy(signalId);
    await until(async () => (await open()) > 0, 'its levels are written');
    await worker.protect();
    await copied;
    await worker.protect();
    expect(await open()).toBe(0);
  });

  it('are over as soon as an entry that rested is taken back', async () => {
    await copy({ ...OPEN, ...STOPS, orderType: 'limit', limitPrice: '99000', stopLoss: { price: '95000' } });
    expect(await open()).toBe(2);
    await copy({ action: 'close', side: 'long' });
    await until(async () => (await stage.db.trade.count({ where: { status: 'live' } })) === 0, 'they are taken back');
    await worker.protect();
    expect(await open()).toBe(0);
  });

  it('wait while a kill switch holds everything', async () => {
    const signalId = await stage.send({ ...OPEN, ...STOPS });
    await worker.copy(signalId);
    await stage.db.customer.updateMany({ where: { id: follower.customerId }, data: { killSwitch: 'halt' } });
    await worker.deps.killSwitches.refresh();
    await worker.protect();
    expect(await live()).toEqual([]);
    await stage.db.customer.updateMany({ where: { id: follower.customerId }, data: { killSwitch: 'reduce_only' } });
    await worker.deps.killSwitches.refresh();
    await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
    await worker.protect();
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
  });

  it('that somebody took back at the venue are not placed again', async () => {
    await copy({ ...OPEN, ...STOPS });
    const [trade] = await stopTrades();
    const { accountId: id } = follower;
    const row = await stage.db.exchangeAccount.findUniqueOrThrow({ where: { id } });
    expect(row.health).toBe('healthy');
    const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
    const credentials = openCredentials(stage.cipher.forTenant(tenant), row);
    const client = stage.venues.get('okx').account({ accountId: id, mode: 'simulated', credentials });
    await client.cancelStop('BTC-USDT-SWAP', trade?.id ?? '', Number.MAX_SAFE_INTEGER);
    await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
    await worker.protect();
    await worker.protect();
    expect(await live()).toEqual([]);
    expect(await stopTrades()).toMatchObject([{ status: 'canceled', code: 'CANCELED_AT_VENUE' }]);
    expect(await stage.held(follower)).toBe('10');
  });

  it('that went with a position are placed for the one that comes after it, although no signal names them again', async () => {
    await copy({ ...OPEN, ...STOPS });
    await stage.byHand(follower, { side: 'sell', quantity: '10' });
    expect(await live()).toEqual([]);
    await worker.copy(await stage.send(OPEN));
    await until(async () => {
      await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
      await worker.protect();
      return (await live()).length > 0;
    }, 'it stands again');
    expect(await live()).toEqual(['sell 20 sl 95000.1 tp 110000']);
  });

  it.each(['1', '2'])(
    'are placed for a position of %s BTC that was opened before anybody heard that the one before it was closed',
    async (value) => {
      await copy({ ...OPEN, ...STOPS });
      await worker.copy(await stage.send({ action: 'close' }));
      await worker.copy(await stage.send({ ...OPEN, quantity: { unit: 'base', value }, ...STOPS }));
      await until(async () => {
        await worker.protect();
        return (await live()).length > 0;
      }, 'it stands');
      expect(await live()).toEqual([`sell ${value}0 sl 95000.1 tp 110000`]);
      expect((await stopTrades()).map(({ status }) => status)).toEqual(['canceled', 'live']);
    },
  );

  it('are kept by one worker at a time', async () => {
    const other = await stage.worker({ name: 'other', streams: false });
    const signalId = await stage.send({ ...OPEN, ...STOPS });
    await worker.copy(signalId);
    await Promise.all([worker.protect(), other.protect(), worker.protect()]);
    expect(await algos()).toHaveLength(1);
    expect(await live()).toEqual(['sell 10 sl 95000.1 tp 110000']);
  });
});
