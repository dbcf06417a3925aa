import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const CLOSE = { action: 'close', side: 'long' };
const REVERSE = { action: 'reverse', side: 'short', quantity: { unit: 'base', value: '1' } };
const ORDER = { path: '/api/v5/trade/order', method: 'POST' };

let stage: Stage;
let worker: StageWorker;
let follower: StageFollower;

async function open(mode: 'net' | 'long_short', balance = '100000'): Promise<void> {
  stage = await Stage.open();
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
  const [first] = await stage.addFollowers([{ positionMode: mode, balance }]);
  if (first === undefined) throw new Error('no follower');
  follower = first;
  worker = await stage.worker();
  await worker.copy(await stage.send(OPEN));
  expect(await stage.held(follower)).toBe('10');
}
afterEach(() => stage.close());

async function copy(fields: Readonly<Record<string, unknown>>): Promise<string> {
  const id = await stage.send(fields);
  await worker.copy(id);
  return id;
}

/** What our books and the venue hold of it. */
const books = async (of = follower) => [await stage.held(of), await stage.venueHeld(of)];

/** Contracts of receipts: closed by orders of ours, and without us. */
async function closed(of = follower): Promise<{ readonly ours: number; readonly outside: readonly string[] }> {
  const trades = await stage.db.trade.findMany({
    where: { subscriptionId: of.subscriptionId },
    orderBy: { id: 'asc' },
  });
  const ours = trades
    .filter(({ leg }) => leg === 'close')
    .reduce((sum, trade) => sum + Number(trade.filledQuantity), 0);
  const outside = trades.filter(({ leg }) => leg === 'outside');
  return { ours, outside: outside.map(({ code, quantity }) => `${code} ${quantity.toFixed()}`) };
}

const exit = () => stage.db.positionExit.findFirstOrThrow();

describe.each(['net', 'long_short'] as const)('a close in %s mode', (mode) => {
  beforeEach(() => open(mode));

  it('of more than is there closes what is there, and the rest is booked as closed by hand', async () => {
    await stage.byHand(follower, { side: 'sell', quantity: '4' });
    await copy(CLOSE);
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect(await closed()).toEqual({ ours: 6, outside: ['CLOSED_BY_HAND 4'] });
    await worker.leave();
    expect(await exit()).toMatchObject({ cause: 'leader_left', doneAt: expect.any(Date), lapsed: false });
    // Nothing of it is in the way of what comes.
    await copy({ ...OPEN, side: 'short' });
    expect(await books()).toEqual(['-10', '-10']);
  });

  it('of what is not there at all ends the book', async () => {
    await stage.byHand(follower, { side: 'sell', quantity: '10' });
    await copy(CLOSE);
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect(await closed()).toEqual({ ours: 0, outside: ['CLOSED_BY_HAND 10'] });
    expect(await worker.leave()).toEqual([]);
  });

  it('of what is not there is settled although the leader comes back before anybody has asked', async () => {
    await stage.byHand(follower, { side: 'sell', quantity: '10' });
    await copy(CLOSE);
    // What was not closed counts for this entry.
    await copy(OPEN);
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect((await closed()).outside).toEqual(['CLOSED_BY_HAND 10']);
    await copy(OPEN);
    expect(await books()).toEqual(['10', '10']);
    await copy(CLOSE);
    expect(await books()).toEqual(['0', '0']);
  });

  it('of what is not there at all keeps nobody out of the other side when the leader reverses', async () => {
    await stage.byHand(follower, { side: 'sell', quantity: '10' });
    const signalId = await copy(REVERSE);
    expect(await stage.trades(signalId)).toMatchObject([
      { leg: 'close', status: 'rejected', code: '51169' },
      { leg: 'open', status: 'filled', code: null },
    ]);
    await worker.leave();
    expect(await books()).toEqual(['-10', '-10']);
    expect(await closed()).toEqual({ ours: 0, outside: ['CLOSED_BY_HAND 10'] });
    // The next reversal finds what the books say.
    await copy({ ...REVERSE, side: 'long' });
    await worker.leave();
    expect(await books()).toEqual(['10', '10']);
    expect(await closed()).toEqual({ ours: 10, outside: ['CLOSED_BY_HAND 10'] });
  });

  it('that is more than the venue says can be closed lets no reversal open the other side', async () => {
    await stage.control('faults', { kind: 'refuse', code: '51112', match: ORDER, count: 1 });
    const signalId = await copy(REVERSE);
    expect(await stage.trades(signalId)).toMatchObject([
      { leg: 'close', status: 'rejected', code: '51112' },
      { leg: 'open', status: 'expired', code: 'CLOSE_NOT_FILLED' },
    ]);
    expect(await books()).toEqual(['10', '10']);
  });

  it('leaves alone what the customer opened by hand', async () => {
    await stage.byHand(follower, { side: 'buy', quantity: '5' });
    await copy(CLOSE);
    await worker.leave();
    expect(await books()).toEqual(['0', '5']);
    expect(await closed()).toEqual({ ours: 10, outside: [] });
  });

  it('goes on at another worker when its own dies between the refusal and the next order', async () => {
    await stage.byHand(follower, { side: 'sell', quantity: '4' });
    await copy(CLOSE);
    const [signalId] = await worker.findExits();
    const heir = await stage.worker({ name: 'heir', streams: false });
    expect(await heir.findExits()).toEqual([]);
    if (signalId !== undefined) await heir.copy(signalId);
    await heir.leave();
    expect(await books()).toEqual(['0', '0']);
    expect(await closed()).toEqual({ ours: 6, outside: ['CLOSED_BY_HAND 4'] });
  });

  it('of a part closes the share of what is really there', async () => {
    await stage.byHand(follower, { side: 'sell', quantity: '6' });
    await copy({ ...CLOSE, quantity: { unit: 'percent_position', value: '50' } });
    await worker.leave();
    // Half of the four that were there, or all that the venue could close of five.
    const [booked, there] = await books();
    expect(['2', '0']).toContain(booked);
    expect(booked).toBe(there);
    await copy(CLOSE);
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
  });
});

describe('a venue that lists no positions although all are there', () => {
  it('keeps nothing open: a close is sent until the venue itself refuses it for that', async () => {
    await open('net');
    await stage.control('faults', {
      kind: 'status',
      status: 200,
      body: '{"code":"0","msg":"","data":[]}',
      contentType: 'application/json',
      match: { path: '/api/v5/account/positions' },
    });
    await stage.control('faults', { kind: 'refuse', code: '51006', match: ORDER, count: 2 });
    await copy(CLOSE);
    await worker.leave();
    expect(await books()).toEqual(['10', '10']);
    await stage.hurry();
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect(await closed()).toEqual({ ours: 10, outside: [] });
  });
});

describe('a position that was liquidated', () => {
  it('is off the books when its leader closes, at the price of the liquidation', async () => {
    await open('net', '1000');
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '50000', hold: true });
    expect(await stage.venueHeld(follower)).toBe('0');
    await copy(CLOSE);
    await worker.leave();
    expect(await stage.held(follower)).toBe('0');
    expect(await closed()).toEqual({ ours: 0, outside: ['LIQUIDATED 10'] });
    const position = await stage.db.position.findFirstOrThrow();
    expect(Number(position.realizedPnl)).toBeLessThan(-990);
  });
});

describe('a position whose stop has fired without our having heard', () => {
  it('is booked as closed by its stop, once', async () => {
    stage = await Stage.open();
    const price = (value: string) => stage.control('price', { instId: 'BTC-USDT-SWAP', price: value, hold: true });
    await price('60000');
    [follower = follower] = await stage.addFollowers([{}]);
    worker = await stage.worker({ streams: false });
    await copy({ ...OPEN, stopLoss: { price: '59000' } });
    await worker.protect();
    await price('58900');
    await copy(CLOSE);
    for (let look = 0; look < 3; look += 1) {
      await worker.leave();
      await worker.protect();
      await stage.hurry();
    }
    // Nobody asks for an order that was placed a moment ago.
    expect(await closed()).toEqual({ ours: 0, outside: [] });
    const ago = new Date(Date.now() - 11_000);
    await stage.db.protection.updateMany({ data: { sentAt: ago, updatedAt: ago } });
    for (let look = 0; look < 3; look += 1) {
      await stage.hurry();
      await worker.leave();
      await worker.protect();
    }
    expect(await books()).toEqual(['0', '0']);
    expect(await closed()).toEqual({ ours: 0, outside: [] });
    const stops = await stage.db.trade.findMany({ where: { leg: 'stop' } });
    expect(stops.map(({ status, filledQuantity }) => [status, filledQuantity.toFixed()])).toEqual([['filled', '10']]);
  });
});

describe("orders of the customer's own that wait to close the position", () => {
  it('are waited for where the venue does not push them aside', async () => {
    await open('long_short');
    await stage.byHand(follower, { side: 'sell', quantity: '3', price: '61000' });
    await copy(CLOSE);
    await worker.leave();
    const [booked, there] = await books();
    expect(booked).toBe(there);
    if (booked === '3') expect(await exit()).toMatchObject({ code: 'BLOCKED_BY_ORDERS', doneAt: null });
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '61500', hold: true });
    await stage.hurry();
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect((await closed()).ours + Number((await closed()).outside[0]?.split(' ')[1] ?? 0)).toBe(10);
  });
});

describe.each(['net', 'long_short'] as const)('strategies that share a position in %s mode', (mode) => {
  it('share what is missing, and each closes its own', async () => {
    await open(mode);
    const other = await stage.addStrategy([follower], '0.3');
    const [own] = other.followers;
    await worker.copy(await stage.send(OPEN, other.token));
    expect([await stage.held(follower), own && (await stage.held(own))]).toEqual(['10', '30']);
    await stage.byHand(follower, { side: 'sell', quantity: '32' });
    // The first close finds less than it wants; what is left belongs to both.
    await copy(CLOSE);
    await worker.leave();
    expect(await stage.held(follower)).toBe('0');
    const left = own === undefined ? '' : await stage.held(own);
    expect(await stage.venueHeld(follower)).toBe(left);
    await worker.copy(await stage.send(CLOSE, other.token));
    await worker.leave();
    expect([await stage.held(follower), own && (await stage.held(own))]).toEqual(['0', '0']);
    expect(await stage.venueHeld(follower)).toBe('0');
    const outside = await stage.db.trade.findMany({ where: { leg: 'outside' } });
    expect(outside.reduce((sum, trade) => sum + Number(trade.quantity), 0)).toBe(32);
  });
});

describe('a close that fails for a reason that passes', () => {
  beforeEach(() => open('net'));

  it('is tried again at a slower and slower pace, and told', async () => {
    await stage.db.notificationChannel.create({
      data: { id: 'a'.repeat(32), tenantId: stage.tenantId, kind: 'dingtalk', name: 'a', configSealed: 'sealed' },
    });
    await stage.control('faults', { kind: 'refuse', code: '51022', match: ORDER });
    await copy(CLOSE);
    expect(await worker.leave()).toHaveLength(1);
    expect(await worker.leave()).toEqual([]);
    expect(await exit()).toMatchObject({ attempts: 1, code: '51022', toldAt: null });
    // The venue's words stay, also after it was asked what is there.
    expect((await exit()).message).toMatch(/\S/);
    const rooms = stage.published.filter(({ event }) => event === 'exit_update').map(({ room }) => room);
    expect(new Set(rooms)).toEqual(new Set([`tenant:${stage.tenantId}:admins`, `customer:${follower.customerId}`]));
    await stage.db.positionExit.updateMany({ data: { dueAt: new Date(Date.now() - 31_000), nextAt: new Date(0) } });
    await worker.leave();
    await worker.leave();
    expect((await exit()).toldAt).not.toBeNull();
    const [told, ...more] = await stage.db.notification.findMany({ where: { event: 'exit_due' } });
    expect(more).toEqual([]);
    expect(told?.payload).toMatchObject({ cause: 'leader_left', code: '51022', heldBase: '0.1' });
    await stage.control('faults', { clear: true });
    await stage.hurry();
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
  });

  it('is told once as refused and once as done, however often it is tried', async () => {
    const channel = { tenantId: stage.tenantId, kind: 'dingtalk', name: 'a', configSealed: 'sealed' };
    const { customerId } = follower;
    await stage.db.notificationChannel.create({ data: { ...channel, id: 'a'.repeat(32) } });
    await stage.db.notificationChannel.create({ data: { ...channel, id: 'b'.repeat(32), customerId } });
    const told = async (): Promise<readonly string[]> => {
      const rows = await stage.db.notification.findMany({ orderBy: { id: 'asc' } });
      return rows.map(({ event, channelId }) => `${event} ${channelId[0]}`).sort();
    };
    const attempts = async (): Promise<readonly unknown[]> => {
      const rows = await stage.db.signal.findMany({ where: { ours: true }, orderBy: { sequence: 'asc' } });
      return rows.map(({ id, attempt, followedBy }) => [attempt, rows.findIndex((row) => row.id === followedBy), id]);
    };
    await stage.control('faults', { kind: 'refuse', code: '51022', match: ORDER });
    // The leader's side is left, and nobody has refused anything yet.
    await stage.db.signalLane.updateMany({ data: { leaderSide: null, leaderSize: '0' } });
    for (let look = 0; look < 4; look += 1) {
      expect(await worker.leave()).toHaveLength(1);
      await stage.hurry();
    }
    const refused = ['signal_done a', 'trade_rejected b'];
    expect(await told()).toEqual(refused);
    expect((await attempts()).map((attempt) => (attempt as unknown[]).slice(0, 2))).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, -1],
    ]);
    // No receipt is lost.
    expect((await stage.db.trade.findMany({ where: { leg: 'close' } })).map(({ status }) => status)).toEqual(
      Array.from({ length: 4 }, () => 'rejected'),
    );
    await stage.control('faults', { clear: true });
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect(await told()).toEqual(['signal_done a', ...refused, 'trade_filled b'].sort());
    expect((await attempts()).map((attempt) => (attempt as unknown[])[1])).toEqual([1, 2, 3, 4, -1]);
  });

  it("is told once where the refused close was its leader's", async () => {
    await stage.db.notificationChannel.create({
      data: { id: 'a'.repeat(32), tenantId: stage.tenantId, kind: 'dingtalk', name: 'a', configSealed: 'sealed' },
    });
    await stage.control('faults', { kind: 'refuse', code: '51022', match: ORDER });
    const left = await copy(CLOSE);
    expect(await worker.leave()).toHaveLength(1);
    const told = await stage.db.notification.findMany({ where: { event: 'signal_done' } });
    expect(told.map(({ payload }) => (payload as { signalId: string }).signalId)).toEqual([left]);
  });

  it('because a key fails, or under halt, is tried when that is over', async () => {
    await stage.control('faults', { kind: 'refuse', code: '51006', match: ORDER, count: 1 });
    await copy(CLOSE);
    await stage.db.exchangeAccount.updateMany({ data: { health: 'unchecked' } });
    expect(await worker.leave()).toEqual([]);
    expect(await exit()).toMatchObject({ obstacle: 'ACCOUNT_UNAVAILABLE', attempts: 0 });
    await stage.db.exchangeAccount.updateMany({ data: { health: 'healthy' } });
    const halt = (killSwitch: 'halt' | 'none') => stage.db.tenant.updateMany({ data: { killSwitch } });
    await halt('halt');
    await worker.deps.killSwitches.refresh();
    expect(await worker.leave()).toEqual([]);
    expect(await books()).toEqual(['10', '10']);
    expect(await exit()).toMatchObject({ obstacle: 'KILL_SWITCH' });
    const told = stage.published.length;
    expect(await worker.leave()).toEqual([]);
    // Nothing has changed, so nobody is told.
    expect(stage.published).toHaveLength(told);
    await halt('none');
    await worker.deps.killSwitches.refresh();
    expect(await worker.leave()).toHaveLength(1);
    expect(await books()).toEqual(['0', '0']);
    await worker.leave();
    expect(await exit()).toMatchObject({ obstacle: null, doneAt: expect.any(Date) });
  });

  it('because the venue refuses the key for a while is tried all the same, and done when it takes it again', async () => {
    const match = { account: follower.venueAccount };
    await stage.control('faults', { kind: 'refuse', code: '50110', match });
    await copy(CLOSE);
    await worker.checkAccount(follower.accountId);
    expect(await stage.db.exchangeAccount.findFirstOrThrow()).toMatchObject({
      health: 'failing',
      healthCode: 'CREDENTIALS_REJECTED',
    });
    await worker.leave();
    expect(await books()).toEqual(['10', '10']);
    await stage.control('faults', { clear: true });
    await stage.hurry();
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
  });

  it('because its customer is suspended is told, and done when he is not any more', async () => {
    await stage.db.notificationChannel.create({
      data: { id: 'a'.repeat(32), tenantId: stage.tenantId, kind: 'dingtalk', name: 'a', configSealed: 'sealed' },
    });
    const suspend = (status: 'suspended' | 'active') => stage.db.customer.updateMany({ data: { status } });
    await suspend('suspended');
    await copy(CLOSE);
    await worker.leave();
    await stage.db.positionExit.updateMany({ data: { dueAt: new Date(Date.now() - 31_000), nextAt: new Date(0) } });
    await worker.leave();
    const told = await stage.db.notification.findMany({ where: { event: 'exit_due' } });
    expect(told.map(({ payload }) => payload)).toMatchObject([{ code: 'CUSTOMER_SUSPENDED', heldBase: '0.1' }]);
    await suspend('active');
    await stage.hurry();
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
  });

  it('because it came too late is closed all the same', async () => {
    const id = await stage.send(CLOSE);
    const long = new Date(Date.now() - 3_600_000);
    await stage.db.signal.updateMany({
      where: { id },
      data: { sentAt: long, expiresAt: new Date(long.getTime() + 60_000) },
    });
    await worker.copy(id);
    expect((await stage.trades(id)).map(({ code }) => code)).toEqual(['STALE_SIGNAL']);
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
  });

  it('does not close a position whose leader has come back to it', async () => {
    await stage.control('faults', { kind: 'refuse', code: '51022', count: 1, match: ORDER });
    await copy(CLOSE);
    await stage.control('faults', { kind: 'refuse', code: '51008', count: 1, match: ORDER });
    await copy(OPEN);
    expect(await worker.leave()).toEqual([]);
    expect(await books()).toEqual(['10', '10']);
  });
});

describe('a market order of which a rest stays open', () => {
  it('is taken back and goes on', async () => {
    await open('net');
    await stage.control('faults', { kind: 'partial-fill', fraction: 0.4, rest: 'later', ms: 600_000, count: 1 });
    const copying = copy(CLOSE);
    await until(async () => (await stage.held(follower)) === '6', 'a part is closed');
    await stage.db.trade.updateMany({
      where: { leg: 'close' },
      data: { updatedAt: new Date(Date.now() - 60_000) },
    });
    await worker.leave();
    await copying;
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
    expect((await closed()).ours).toBe(10);
  });
});

describe('two followers of one signal whose venue refuses both closes', () => {
  const QUESTION = { path: '/api/v5/account/positions' };
  let other: StageFollower;
  const exitOf = (of: StageFollower) =>
    stage.db.positionExit.findFirstOrThrow({ where: { subscriptionId: of.subscriptionId } });

  beforeEach(async () => {
    await open('net');
    [other] = (await stage.addFollowers([{}])) as [StageFollower];
    await copy({ ...OPEN, quantity: { unit: 'base', value: '0.5' } });
    await stage.control('faults', { kind: 'refuse', code: '51112', match: ORDER, count: 2 });
    await copy(CLOSE);
    expect([await stage.held(follower), await stage.held(other)]).toEqual(['15', '5']);
  });

  it('one closes while the venue is silent about the other', async () => {
    const hasty = await stage.worker({ streams: false, name: 'hasty', exitPatience: 300 });
    await stage.control('faults', {
      kind: 'latency',
      ms: 1900,
      match: { ...QUESTION, account: follower.venueAccount },
    });
    const [signalId = ''] = await hasty.findExits();
    expect(await exitOf(other)).toMatchObject({ signalId });
    expect(await exitOf(follower)).toMatchObject({ signalId: null });
    await hasty.copy(signalId);
    expect(await books(other)).toEqual(['0', '0']);
    await stage.control('faults', { clear: true });
    // What it tells later is a reason to look again.
    await until(async () => (await exitOf(follower)).signalId !== null, 'the venue has told');
    await hasty.copy((await exitOf(follower)).signalId ?? '');
    expect(await books()).toEqual(['0', '0']);
  });

  it('what one’s order came to is known while the other’s is on its way', async () => {
    const [signalId = ''] = await worker.findExits();
    await stage.control('faults', { kind: 'latency', ms: 1900, match: { ...ORDER, account: follower.venueAccount } });
    await stage.control('faults', {
      kind: 'refuse',
      code: '51008',
      match: { ...ORDER, account: other.venueAccount },
      count: 1,
    });
    const copying = worker.copy(signalId);
    await until(
      async () => (await stage.trades(signalId)).some(({ status }) => status === 'rejected'),
      'the refusal is known',
    );
    await worker.findExits();
    expect(await stage.signal(signalId)).toMatchObject({ status: 'dispatching' });
    expect(await exitOf(other)).toMatchObject({ signalId: null, code: '51008' });
    expect(await exitOf(follower)).toMatchObject({ signalId });
    await copying;
    await stage.hurry();
    await worker.leave();
    expect([await books(), await books(other)]).toEqual([
      ['0', '0'],
      ['0', '0'],
    ]);
  });
});
