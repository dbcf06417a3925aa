import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';
import { setPlatformKillSwitch } from './platform-kill-switch';
import { cancelStrandedEntries } from './stranded-entries';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
type Level = 'none' | 'halt' | 'reduce_only' | 'flatten';

const setTenant = (killSwitch: Level) =>
  stage.db.tenant.updateMany({ where: { id: stage.tenantId }, data: { killSwitch, killSwitchAt: new Date() } });
const setCustomer = ({ customerId }: StageFollower, killSwitch: Level) =>
  stage.db.customer.updateMany({ where: { id: customerId }, data: { killSwitch, killSwitchAt: new Date() } });

/** Looks at the switches as a worker does. */
function watching(worker: StageWorker): () => void {
  const timer = setInterval(() => void worker.deps.killSwitches.refresh().catch(() => undefined), 100);
  return () => clearInterval(timer);
}

async function flatten(worker: StageWorker): Promise<readonly string[]> {
  await worker.deps.killSwitches.refresh();
  return worker.leave();
}

const held = () => Promise.all(stage.followers.map((follower) => stage.held(follower)));
const venueHeld = async () => {
  const rows = await stage.control<
    { account: string; pos: string }[] | { positions: { account: string; pos: string }[] }
  >('positions');
  return ('positions' in rows ? rows.positions : rows).filter((row) => Number(row.pos) !== 0);
};

describe('a kill switch', () => {
  it('at halt lets no leverage be set that is still being tried', async () => {
    const [follower] = await stage.addFollowers([{}]);
    const worker = await stage.worker();
    const stopWatching = watching(worker);
    const match = { method: 'POST', path: '/api/v5/account/set-leverage' };
    await stage.control('faults', { id: 'busy', kind: 'refuse', code: '50011', status: 429, match });
    const seen = async () => {
      const { faults } = await stage.control<{ faults: { id: string; seen: number }[] }>('faults');
      return faults.find(({ id }) => id === 'busy')?.seen ?? 0;
    };
    const signalId = await stage.send(OPEN);
    const copying = worker.copy(signalId);
    await until(async () => (await seen()) > 0, 'the leverage is tried');
    await setTenant('halt');
    await worker.deps.killSwitches.refresh();
    const before = await seen();
    await copying;
    stopWatching();
    expect(await seen()).toBeLessThanOrEqual(before + 1);
    expect((await stage.trades(signalId)).map(({ status, code, detail }) => [status, code, detail])).toEqual([
      ['expired', 'KILL_SWITCH', { scope: 'tenant', level: 'halt' }],
    ]);
    expect(await stage.held(follower as StageFollower)).toBe('0');
  });

  it.each(['halt', 'reduce_only', 'flatten'] as const)('at %s lets no entry of the tenant leave', async (level) => {
    await stage.addFollowers([{}, {}]);
    const worker = await stage.worker();
    await setTenant(level);
    await worker.deps.killSwitches.refresh();
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    expect((await stage.trades(signalId)).map(({ status, code }) => [status, code])).toEqual([
      ['denied', 'KILL_SWITCH'],
      ['denied', 'KILL_SWITCH'],
    ]);
    expect(await stage.venueOrders()).toHaveLength(0);
  });

  it('of the platform holds back every tenant, is noted in his audit log, and lets closes through at reduce-only', async () => {
    await stage.addFollowers([{}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    const context = { database: stage.database, clock: { now: () => Date.now() } };
    const { previous, messages } = await setPlatformKillSwitch(context, 'reduce_only');
    expect(previous).toBe('none');
    expect(messages).toHaveLength(1);
    await worker.deps.killSwitches.refresh();
    const entry = await stage.send(OPEN);
    await worker.copy(entry);
    expect((await stage.trades(entry))[0]).toMatchObject({
      code: 'KILL_SWITCH',
      detail: { scope: 'platform', level: 'reduce_only' },
    });
    await worker.copy(await stage.send({ action: 'close', side: 'long' }));
    expect(await held()).toEqual(['0']);
    const [note] = await stage.db.auditLog.findMany({ where: { action: 'kill_switch.set' } });
    expect(note).toMatchObject({ actor: 'system', subject: 'platform' });
  });

  it('stops, within a second, orders that were planned before it was thrown', async () => {
    await stage.addFollowers(Array.from({ length: 60 }, () => ({})));
    // Sixteen connections and half a second an answer: the queue of this signal would need two seconds.
    await stage.control('faults', { kind: 'hold-answer', ms: 500, match: { path: '/api/v5/trade/order' } });
    const worker = await stage.worker();
    const stopWatching = watching(worker);
    const signalId = await stage.send(OPEN);
    const copied = worker.copy(signalId);
    await until(async () => (await stage.venueOrders()).length > 0, 'the first orders are there');
    await setTenant('halt');
    const thrownAt = Date.now();
    await copied;
    stopWatching();
    const orders = await stage.venueOrders();
    const trades = await stage.trades(signalId);
    const expired = trades.filter((trade) => trade.status === 'expired');
    expect(expired.length).toBeGreaterThan(20);
    for (const trade of expired) {
      expect(trade.code).toBe('KILL_SWITCH');
      expect(trade.detail).toEqual({ scope: 'tenant', level: 'halt' });
    }
    // What left before is there exactly once; nothing left a second later.
    expect(orders.length).toBe(trades.filter((trade) => trade.status === 'filled').length);
    expect(orders.length + expired.length).toBe(60);
    expect(
      Math.max(...orders.map((order) => Number((order as unknown as { createdAt: number }).createdAt))),
    ).toBeLessThan(thrownAt + 1000);
  });

  it('of one customer leaves the others alone', async () => {
    const [first] = await stage.addFollowers([{}, {}]);
    const worker = await stage.worker();
    await setCustomer(first as StageFollower, 'halt');
    await worker.deps.killSwitches.refresh();
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    expect((await held()).sort()).toEqual(['0', '10']);
    await worker.copy(await stage.send({ action: 'close', side: 'long' }));
    expect(await held()).toEqual(['0', '0']);
  });
});

describe.each(['net', 'long_short'] as const)('flatten in %s mode', (positionMode) => {
  it('closes what our book holds and nothing that the customer opened by hand', async () => {
    const [one] = await stage.addFollowers([{ positionMode }, { positionMode }]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    const byHand = { account: one?.venueAccount, instId: 'BTC-USDT-SWAP', side: 'buy', sz: '3', posSide: 'long' };
    await placeByHand(worker, one as StageFollower, positionMode, '3');
    await setCustomer(one as StageFollower, 'flatten');
    const [signalId] = await flatten(worker);
    expect(byHand.sz).toBe('3');
    expect(await held()).toEqual(['0', '10']);
    expect((await venueHeld()).map((row) => row.pos).sort()).toEqual(['10', '3']);
    const trades = await stage.trades(signalId ?? '');
    expect(trades).toHaveLength(1);
    expect(trades[0]).toMatchObject({ leg: 'close', status: 'filled', customerId: one?.customerId });
    // The leader still holds his position: his book did not move.
    const lane = await stage.db.signalLane.findFirst();
    expect(lane?.leaderSide).toBe('long');
    expect(await flatten(worker)).toEqual([]);
  });

  it('takes back resting entries and closes what they filled', async () => {
    await stage.addFollowers([{ positionMode }]);
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
    const worker = await stage.worker();
    await worker.copy(await stage.send({ ...OPEN, orderType: 'limit', limitPrice: '59000' }));
    expect((await stage.venueOrders()).map((order) => order.state)).toEqual(['live']);
    await setTenant('flatten');
    await worker.deps.killSwitches.refresh();
    await cancelStrandedEntries(worker.deps, () => true, new AbortController().signal);
    expect((await stage.venueOrders()).map((order) => order.state)).toEqual(['canceled']);
    expect((await stage.db.trade.findMany()).map((trade) => trade.status)).toEqual(['canceled']);
    expect(await flatten(worker)).toEqual([]);
  });
});

describe('flatten', () => {
  it('asks once, however many workers look', async () => {
    await stage.addFollowers([{}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    await setTenant('flatten');
    await worker.deps.killSwitches.refresh();
    const others = [];
    for (let index = 0; index < 4; index += 1) {
      const other = await stage.worker({ name: `other ${index}`, streams: false });
      await other.deps.killSwitches.refresh();
      others.push(other);
    }
    const looks = await Promise.all([worker, ...others].map((one) => one.findExits()));
    expect(looks.flat()).toHaveLength(1);
    expect(await worker.findExits()).toEqual([]);
  });

  it('tries again, more and more seldom, when the venue refuses the close', async () => {
    await stage.addFollowers([{}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    await stage.control('faults', { kind: 'refuse', code: '51000', match: { path: '/api/v5/trade/order' } });
    await setTenant('flatten');
    expect(await flatten(worker)).toHaveLength(1);
    expect(await held()).toEqual(['10']);
    expect(await flatten(worker)).toEqual([]);
    expect(await stage.db.positionExit.findFirst()).toMatchObject({ cause: 'flatten', attempts: 1, code: '51000' });
    await stage.control('faults', { clear: true });
    await stage.hurry();
    expect(await flatten(worker)).toHaveLength(1);
    expect(await held()).toEqual(['0']);
    await flatten(worker);
    expect(await stage.db.positionExit.findFirst()).toMatchObject({ doneAt: expect.any(Date), lapsed: false });
  });

  it('closes once when its worker dies after the order left', async () => {
    await stage.addFollowers([{}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    await setTenant('flatten');
    await worker.deps.killSwitches.refresh();
    const [signalId] = await worker.findExits();
    await stage.control('faults', { kind: 'drop', when: 'after', count: 1, match: { path: '/api/v5/trade/order' } });
    await worker.copy(signalId ?? '');
    expect(await held()).toEqual(['0']);
    expect((await stage.venueOrders()).filter((order) => order.side === 'sell')).toHaveLength(1);
  });

  it('does nothing for who was released or halted before its turn came', async () => {
    const [one] = await stage.addFollowers([{}, {}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    await setTenant('flatten');
    await setCustomer(one as StageFollower, 'halt');
    await flatten(worker);
    expect((await held()).sort()).toEqual(['0', '10']);
  });

  it('of the platform reaches every tenant', async () => {
    await stage.addFollowers([{}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    const context = { database: stage.database, clock: { now: () => Date.now() } };
    await setPlatformKillSwitch(context, 'flatten');
    await flatten(worker);
    expect(await held()).toEqual(['0']);
    await setPlatformKillSwitch(context, 'none');
    await worker.deps.killSwitches.refresh();
    await worker.copy(await stage.send(OPEN));
    expect(await held()).toEqual(['10']);
  });

  it('closes what a subscription that has ended still holds', async () => {
    const [one] = await stage.addFollowers([{}]);
    const worker = await stage.worker();
    await worker.copy(await stage.send(OPEN));
    await stage.db.subscription.updateMany({ where: { id: one?.subscriptionId }, data: { status: 'ended' } });
    await setTenant('flatten');
    await flatten(worker);
    expect(await held()).toEqual(['0']);
  });
});

/** An order that is not ours, placed with the customer's own key. */
async function placeByHand(
  worker: StageWorker,
  follower: StageFollower,
  positionMode: 'net' | 'long_short',
  quantity: string,
): Promise<void> {
  const account = await handAccount(follower);
  const outcome = await worker.deps.venue('okx').placer.place(account, {
    clientOrderId: `hand${Date.now()}`,
    symbol: 'BTC-USDT-SWAP',
    side: 'buy',
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

async function handAccount(follower: StageFollower) {
  const { openAccounts } = await import('../execution/accounts');
  const accounts = await openAccounts(stage.db, stage.cipher, stage.tenantId, [follower.accountId]);
  const account = accounts.get(follower.accountId);
  if (account === undefined) throw new Error('The account does not open');
  return account.access;
}
