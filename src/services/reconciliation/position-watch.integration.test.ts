import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '@/platform/clock';
import { createLogger } from '@/platform/log';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { openAccounts } from '../execution/accounts';
import type { ComparisonNote } from './comparisons';
import { type LookResult, PositionWatch } from './position-watch';

let stage: Stage;
let worker: StageWorker;
let watch: PositionWatch;
let time: number;
const clock: Clock = { now: () => time };

beforeEach(async () => {
  stage = await Stage.open();
  time = Date.now();
});
afterEach(() => stage.close());

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };

async function prepare(
  positionMode: 'net' | 'long_short',
  policies: readonly ('off' | 'alert' | 'repair')[],
  options: { readonly balance?: string } = {},
) {
  const followers = await stage.addFollowers(policies.map(() => ({ positionMode, ...options })));
  for (const [index, { subscriptionId }] of followers.entries()) {
    await stage.db.subscription.updateMany({ where: { id: subscriptionId }, data: { driftPolicy: policies[index] } });
  }
  worker = await stage.worker();
  watch = new PositionWatch({ ...worker.deps, ...worker, clock, logger: createLogger('test', 'silent') });
  await worker.copy(await stage.send(OPEN));
  return followers;
}

const look = (follower: StageFollower | undefined): Promise<LookResult> =>
  watch.look({
    id: follower?.accountId ?? '',
    tenantId: stage.tenantId,
    customerId: follower?.customerId ?? '',
  });

/** What the customer does himself, with an order that is not ours. */
async function byHand(
  follower: StageFollower | undefined,
  side: 'buy' | 'sell',
  quantity: string,
  positionMode: 'net' | 'long_short',
  symbol = 'BTC-USDT-SWAP',
): Promise<void> {
  const accounts = await openAccounts(stage.db, stage.cipher, stage.tenantId, [follower?.accountId ?? '']);
  const account = accounts.get(follower?.accountId ?? '');
  if (account === undefined) throw new Error('The account does not open');
  const outcome = await worker.deps.venue('okx').placer.place(account.access, {
    clientOrderId: `hand${Math.random().toString(36).slice(2)}`,
    symbol,
    side,
    positionSide: 'long',
    positionMode,
    marginMode: 'cross',
    reduceOnly: false,
    orderType: 'market',
    quantity,
    price: null,
    expiresAt: Date.now() + 5000,
  });
  expect(outcome.kind).toBe('accepted');
}

const drifts = async () =>
  (await stage.db.positionDrift.findMany({ orderBy: { id: 'asc' } })).map(
    (row) =>
      `${row.side} ${row.kind} ${row.booked.toFixed()}→${row.held.toFixed()}${row.resolvedAt === null ? '' : ' resolved'}`,
  );

describe('a leverage that was changed by hand at the venue', () => {
  it('is set again before the next entry', async () => {
    const [follower] = await prepare('net', ['off']);
    const accounts = await openAccounts(stage.db, stage.cipher, stage.tenantId, [follower?.accountId ?? '']);
    const account = accounts.get(follower?.accountId ?? '');
    if (account === undefined) throw new Error('The account does not open');
    const { placer } = worker.deps.venue('okx');
    expect(await look(follower)).toBe('agrees');
    expect(await stage.db.accountLeverage.count()).toBe(1);
    await placer.setLeverage(account.access, 'BTC-USDT-SWAP', 'cross', '3', 'net');
    await look(follower);
    await worker.copy(await stage.send(OPEN));
    expect((await stage.venueOrders()).map(({ lever }) => lever)).toEqual(['10', '10']);
  });
});

describe.each(['net', 'long_short'] as const)('positions in %s mode', (mode) => {
  it('agree with the books as long as nobody else trades', async () => {
    const [one] = await prepare(mode, ['alert']);
    expect([await look(one), await look(one)]).toEqual(['agrees', 'agrees']);
    await worker.copy(await stage.send({ action: 'close', side: 'long', quantity: { unit: 'base', value: '0.5' } }));
    expect(await look(one)).toBe('agrees');
    expect(await drifts()).toEqual([]);
  });

  it('that were closed by hand are told after two looks, and resolved when they agree again', async () => {
    const [one] = await prepare(mode, ['alert']);
    await byHand(one, 'sell', '4', mode);
    expect(await look(one)).toBe('suspected');
    expect(await drifts()).toEqual([]);
    expect(await look(one)).toBe('drift');
    expect(await drifts()).toEqual(['long missing 10→6']);
    const [row] = await stage.db.positionDrift.findMany();
    expect(row?.subscriptionId).toBe(one?.subscriptionId);
    expect(stage.published.filter((message) => message.event === 'drift_update')).toHaveLength(2);
    await byHand(one, 'sell', '6', mode);
    await look(one);
    await look(one);
    expect(await drifts()).toEqual(['long ghost 10→0']);
    await byHand(one, 'buy', '10', mode);
    expect(await look(one)).toBe('agrees');
    expect(await drifts()).toEqual(['long ghost 10→0 resolved']);
    expect(await stage.held(one as StageFollower)).toBe('10');
  });

  it('opened by hand are shown and never touched, not even under repair', async () => {
    const [one] = await prepare(mode, ['repair']);
    await byHand(one, 'buy', '3', mode);
    await byHand(one, 'buy', '2', mode, 'ETH-USDT-SWAP');
    await look(one);
    await look(one);
    expect((await drifts()).sort()).toEqual(['long extra 0→2', 'long extra 10→13']);
    expect(await stage.held(one as StageFollower)).toBe('10');
    const orders = await stage.venueOrders();
    expect(orders.filter((order) => !order.clOrdId.startsWith('hand'))).toHaveLength(1);
    await worker.copy(await stage.send({ action: 'close', side: 'long' }));
    expect(await stage.held(one as StageFollower)).toBe('0');
    await look(one);
    await look(one);
    expect((await drifts()).filter((text) => !text.endsWith('resolved')).sort()).toEqual([
      'long extra 0→2',
      'long extra 0→3',
    ]);
  });

  it('that are gone are taken off the books under repair, without an order, so that later closes fit', async () => {
    const [one] = await prepare(mode, ['repair']);
    await byHand(one, 'sell', '4', mode);
    const before = (await stage.venueOrders()).length;
    await look(one);
    expect(await look(one)).toBe('drift');
    expect((await stage.venueOrders()).length).toBe(before);
    expect(await stage.held(one as StageFollower)).toBe('6');
    expect(await drifts()).toEqual(['long missing 10→6 resolved']);
    const [note] = await stage.db.auditLog.findMany({ where: { action: 'position.repair' } });
    expect(note).toMatchObject({
      actor: 'system',
      detail: { before: '10', after: '6', heldAtVenue: '6', codes: ['CLOSED_BY_HAND'] },
    });
    expect(await look(one)).toBe('agrees');
    const signalId = await stage.send({ action: 'close', side: 'long' });
    await worker.copy(signalId);
    expect((await stage.trades(signalId)).map((trade) => [trade.status, trade.quantity.toFixed()])).toEqual([
      ['filled', '6'],
    ]);
    expect(await look(one)).toBe('agrees');
  });
});

/** What was closed without us, as its receipts say. */
const outside = async () =>
  (await stage.db.trade.findMany({ where: { leg: 'outside' }, include: { fills: true }, orderBy: { id: 'asc' } })).map(
    (trade) => ({
      receipt: `${trade.code} ${trade.side} ${trade.quantity.toFixed()} of ${trade.positionSide}`,
      average: trade.filledValue.div(trade.filledQuantity).mul(100).toFixed(),
      pnl: trade.realizedPnl.toFixed(),
      fills: trade.fills.map((fill) => `${fill.quantity.toFixed()} @ ${fill.price.toFixed()}`),
    }),
  );

describe.each(['net', 'long_short'] as const)('what was closed at the venue in %s mode', (mode) => {
  it('by hand is realised at its price and has a receipt, under repair', async () => {
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
    const [one] = await prepare(mode, ['repair']);
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '63000', hold: true });
    await byHand(one, 'sell', '4', mode);
    await look(one);
    expect(await look(one)).toBe('drift');
    const [bid, entry] = [await bidOf(), await entryOf()];
    const pnl = (bid - entry) * 0.04;
    expect(await outside()).toEqual([
      {
        receipt: 'CLOSED_BY_HAND sell 4 of long',
        average: String(bid),
        pnl: String(round(pnl)),
        fills: [`4 @ ${bid}`],
      },
    ]);
    const position = await stage.db.position.findFirstOrThrow();
    expect([position.quantity.toFixed(), position.realizedPnl.toFixed()]).toEqual(['6', String(round(pnl))]);
    const [trade] = await stage.db.trade.findMany({ where: { leg: 'outside' } });
    expect(await stage.signal(trade?.signalId ?? '')).toMatchObject({ format: 'outside', status: 'done' });
    // The next one is explained by what came after.
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '64000', hold: true });
    await byHand(one, 'sell', '1', mode);
    time += 1000;
    await look(one);
    await look(one);
    expect((await outside()).at(-1)?.fills).toEqual([`1 @ ${await bidOf()}`]);
  });

  it.each(['alert', 'off'] as const)('by liquidation is booked under %s, too', async (policy) => {
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
    const [one] = await prepare(mode, [policy], { balance: '1000' });
    expect(await stage.held(one as StageFollower)).toBe('10');
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '50000', hold: true });
    await look(one);
    await look(one);
    expect((await outside()).map(({ receipt }) => receipt)).toEqual(['LIQUIDATED sell 10 of long']);
    expect(await stage.held(one as StageFollower)).toBe('0');
    const position = await stage.db.position.findFirstOrThrow();
    expect(Number(position.realizedPnl)).toBeLessThan(-990);
    await stage.control('balance', { account: one?.venueAccount, balance: '100000' });
    await stage.db.exchangeAccount.updateMany({
      data: { equity: '100000', available: '100000', equityAt: new Date() },
    });
    const short = await stage.send({ action: 'target', quantity: { unit: 'base', value: '-1' } });
    await worker.copy(short);
    expect(await stage.held(one as StageFollower)).toBe('-10');
  });
});

async function bidOf(): Promise<number> {
  const { prices } = await stage.control<{ prices: { instId: string; bid: string }[] }>('prices');
  return Number(prices.find(({ instId }) => instId === 'BTC-USDT-SWAP')?.bid);
}

async function entryOf(): Promise<number> {
  const [fill] = await stage.db.fill.findMany({ where: { trade: { leg: 'open' } } });
  return Number(fill?.price);
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;

describe('the watch', () => {
  it('leaves the books alone under alert, and says nothing under off', async () => {
    const [alert, off] = await prepare('net', ['alert', 'off']);
    for (const follower of [alert, off]) {
      await byHand(follower, 'sell', '10', 'net');
      await look(follower);
      await look(follower);
      expect(await stage.held(follower as StageFollower)).toBe('10');
    }
    expect(await drifts()).toEqual(['long ghost 10→0']);
  });

  it('says that the other side is held, and does not repair that', async () => {
    const [one] = await prepare('net', ['repair']);
    await byHand(one, 'sell', '15', 'net');
    await look(one);
    await look(one);
    expect(await drifts()).toEqual(['long size 10→5']);
    expect(await stage.held(one as StageFollower)).toBe('10');
  });

  it('divides what is left between the strategies of one account', async () => {
    const [one] = await prepare('net', ['repair']);
    // A second book of the same account, as another strategy's subscription would have it.
    const position = await stage.db.position.findFirstOrThrow();
    const subscription = await stage.db.subscription.findFirstOrThrow();
    const strategy = await stage.db.strategy.findFirstOrThrow();
    const strategyId = `${strategy.id.slice(0, 31)}${strategy.id.endsWith('0') ? '1' : '0'}`;
    const subscriptionId = `${subscription.id.slice(0, 31)}${subscription.id.endsWith('0') ? '1' : '0'}`;
    const { symbols: _symbols, ...columns } = strategy;
    await stage.db.strategy.create({ data: { ...columns, id: strategyId } });
    await stage.db.subscription.create({ data: { ...subscription, id: subscriptionId, strategyId } });
    await stage.db.position.create({ data: { ...position, subscriptionId, strategyId, quantity: '20' } });
    await byHand(one, 'buy', '5', 'net');
    await look(one);
    expect(await look(one)).toBe('drift');
    time += 11 * 60_000;
    expect(await look(one)).toBe('drift');
    const rows = await stage.db.position.findMany({ orderBy: { quantity: 'asc' } });
    expect(rows.map((row) => row.quantity.toFixed())).toEqual(['5', '10']);
    const receipts = await stage.db.trade.findMany({ where: { leg: 'outside' }, orderBy: { quantity: 'asc' } });
    expect(receipts.map(({ quantity, code }) => [quantity.toFixed(), code])).toEqual([
      ['5', 'CLOSED_ELSEWHERE'],
      ['10', 'CLOSED_ELSEWHERE'],
    ]);
    expect(receipts.map(({ realizedPnl }) => realizedPnl.toFixed())).toEqual(['0', '0']);
    expect((await stage.db.positionDrift.findFirst())?.subscriptionId).toBeNull();
  });

  it('takes nothing off the books for a list that is empty for minutes: what went has left a trace', async () => {
    const [one] = await prepare('net', ['repair']);
    await stage.control('faults', {
      kind: 'status',
      status: 200,
      body: '{"code":"0","msg":"","data":[]}',
      contentType: 'application/json',
      match: { path: '/api/v5/account/positions' },
    });
    expect([await look(one), await look(one)]).toEqual(['suspected', 'drift']);
    time += 5 * 60_000;
    expect(await look(one)).toBe('drift');
    expect(await stage.held(one as StageFollower)).toBe('10');
    expect(await drifts()).toEqual(['long ghost 10→0']);
    await stage.control('faults', { clear: true });
    expect(await look(one)).toBe('agrees');
    expect(await drifts()).toEqual(['long ghost 10→0 resolved']);
  });

  it('takes nothing off the books while a signal is being planned by them, and lets nobody plan by what they were', async () => {
    const [one] = await prepare('net', ['repair']);
    const signalId = await stage.send({ action: 'close', side: 'long' });
    const plan = (claimedUntil: Date) =>
      stage.db.signal.updateMany({
        where: { id: signalId },
        data: { status: 'planning', claimedBy: 'another', claimToken: 4, claimedUntil },
      });
    await byHand(one, 'sell', '4', 'net');
    await plan(new Date(Date.now() + 3_600_000));
    expect([await look(one), await look(one), await look(one)]).toEqual(['suspected', 'busy', 'suspected']);
    expect(await stage.held(one as StageFollower)).toBe('10');

    await plan(new Date(Date.now() - 1000));
    await look(one);
    expect(await stage.held(one as StageFollower)).toBe('6');
    expect((await stage.signal(signalId)).claimToken).toBe(5);
    await worker.copy(signalId);
    const [close] = await stage.trades(signalId);
    expect(close).toMatchObject({ leg: 'close', status: 'filled' });
    expect(close?.quantity.toFixed()).toBe('6');
  });

  it('notes when an account was compared, and what has put it off since', async () => {
    const [one] = await prepare('net', ['repair']);
    const notes: ComparisonNote[] = [];
    const noteComparison = async (_: unknown, note: ComparisonNote) => void notes.push(note);
    watch = new PositionWatch({ ...watch.deps, noteComparison });
    const round = async () => {
      time += 300_000;
      await watch.runOnce((id) => id === one?.accountId);
    };
    await round();
    await round();
    await stage.db.trade.updateMany({ data: { status: 'unknown' } });
    await round();
    const positions = { path: '/api/v5/account/positions' };
    await stage.control('faults', { kind: 'status', status: 502, body: '<html>', count: 1, match: positions });
    await stage.db.trade.updateMany({ data: { status: 'filled' } });
    await round();
    expect(notes.map(({ obstacle }) => obstacle)).toEqual([null, 'UNSETTLED', 'VENUE_UNREACHABLE']);
    expect(new Set(notes.map(({ comparedAt }) => comparedAt)).size).toBe(1);
  });

  it('waits while an order is on its way', async () => {
    const [one] = await prepare('net', ['repair']);
    await stage.db.trade.updateMany({ data: { status: 'unknown' } });
    expect(await look(one)).toBe('busy');
    await stage.db.trade.updateMany({ data: { status: 'filled' } });
    expect(await look(one)).toBe('agrees');
  });

  it('forgets a suspicion when the venue does not answer in between', async () => {
    const [one] = await prepare('net', ['repair']);
    await byHand(one, 'sell', '4', 'net');
    const positions = { path: '/api/v5/account/positions' };
    watch.soon(one?.accountId ?? '');
    time += 3001;
    await watch.runOnce(() => true);
    await stage.control('faults', { kind: 'status', status: 502, body: '<html>', count: 1, match: positions });
    time += 5001;
    await watch.runOnce(() => true);
    await stage.control('faults', { clear: true });
    expect(await look(one)).toBe('suspected');
    expect(await drifts()).toEqual([]);
  });

  it('forgets a suspicion when the venue says something else', async () => {
    const [one] = await prepare('net', ['repair']);
    await byHand(one, 'sell', '4', 'net');
    expect(await look(one)).toBe('suspected');
    await byHand(one, 'sell', '1', 'net');
    expect(await look(one)).toBe('suspected');
    await byHand(one, 'buy', '5', 'net');
    expect(await look(one)).toBe('agrees');
    expect(await drifts()).toEqual([]);
  });

  it('looks at its own accounts in turn, and soon after a gap', async () => {
    const [one, two] = await prepare('net', ['alert', 'alert']);
    await byHand(one, 'sell', '10', 'net');
    await byHand(two, 'sell', '10', 'net');
    const owns = (id: string) => id === one?.accountId;
    await watch.runOnce(owns);
    for (let round = 0; round < 3; round += 1) {
      time += 80_000;
      await watch.runOnce(owns);
    }
    expect((await stage.db.positionDrift.findMany()).map((row) => row.accountId)).toEqual([one?.accountId]);
    watch.soon(two?.accountId ?? '');
    time += 3001;
    await watch.runOnce(() => true);
    time += 5001;
    await watch.runOnce(() => true);
    expect(await stage.db.positionDrift.count()).toBe(2);
  });

  it('makes way for signals that are being copied, though not for ever', async () => {
    const [one] = await prepare('net', ['alert']);
    await byHand(one, 'sell', '10', 'net');
    expect(await look(one)).toBe('suspected');
    const everybody = () => true;
    const isBusy = () => true;
    watch.soon(one?.accountId ?? '');
    time += 3001;
    await watch.runOnce(everybody, isBusy);
    time += 1999;
    await watch.runOnce(everybody, isBusy);
    expect(await stage.db.positionDrift.count()).toBe(0);
    time += 1;
    await watch.runOnce(everybody, isBusy);
    expect(await stage.db.positionDrift.count()).toBe(1);
  });

  it('tells the tenant and the customer through their channels, once', async () => {
    const [one] = await prepare('net', ['alert']);
    for (const [id, customerId] of [
      ['a', null],
      ['b', one?.customerId ?? null],
    ] as const) {
      const row = { id: id.repeat(32), tenantId: stage.tenantId, customerId, kind: 'dingtalk', name: id };
      await stage.db.notificationChannel.create({ data: { ...row, configSealed: 'sealed' } });
    }
    await byHand(one, 'sell', '4', 'net');
    for (let times = 0; times < 4; times += 1) await look(one);
    const told = await stage.db.notification.findMany({ where: { event: 'drift' }, orderBy: { channelId: 'asc' } });
    expect(told).toHaveLength(2);
    expect(told[0]?.payload).toMatchObject({ kind: 'missing', bookedBase: '0.1', heldBase: '0.06', repaired: false });
  });
});
