import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { findNaked } from './naked';
import { NakedWatch } from './naked-watch';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const STOPS = { stopLoss: { price: '95000' }, takeProfit: { price: '110000' } };
const PLACE = { method: 'POST', path: '/api/v5/trade/order-algo' };
const ORDER = { method: 'POST', path: '/api/v5/trade/order' };

let stage: Stage;
let worker: StageWorker;
let follower: StageFollower;
let watch: NakedWatch;

beforeEach(async () => {
  stage = await Stage.open();
  const [first] = await stage.addFollowers([{ followRatio: '0.1' }]);
  if (first === undefined) throw new Error('no follower');
  follower = first;
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '100000', hold: true });
  worker = await stage.worker();
  watch = new NakedWatch(worker.deps);
  for (const [id, customerId] of [['a', null] as const, ['b', follower.customerId] as const]) {
    const channel = { tenantId: stage.tenantId, kind: 'dingtalk', name: id, configSealed: '-' } as const;
    await stage.db.notificationChannel.create({ data: { ...channel, id: id.repeat(32), customerId } });
  }
});
afterEach(() => stage.close());

async function copy(fields: Readonly<Record<string, unknown>>): Promise<void> {
  await worker.copy(await stage.send(fields));
  await worker.protect();
  await look();
}

const look = () => watch.look(() => true);
const refuse = (match: object, code = '51000') => stage.control('faults', { kind: 'refuse', code, match });
const row = () => stage.db.protection.findFirstOrThrow();
const naked = async () => (await findNaked(stage.db, stage.tenantId)).map(({ kind, code }) => `${kind} ${code}`);
const told = async (event: string) => (await stage.db.notification.findMany({ where: { event } })).length;

/** What was noted was noted so much earlier. */
async function pass(seconds: number): Promise<void> {
  for (const [table, columns] of [
    ['Protection', ['uncoveredSince', 'hinderedAt']],
    ['PositionExit', ['dueAt', 'hinderedAt']],
  ] as const) {
    const moved = columns.map((name) => `${name} = ${name} - INTERVAL ${seconds} SECOND`).join(', ');
    await stage.database.system.$executeRawUnsafe(`UPDATE ${table} SET ${moved}`);
  }
}

describe('a position whose stop order the venue refuses', () => {
  it('is naked after half a minute, is told once, and is not any more when the order stands', async () => {
    await refuse(PLACE);
    await copy({ ...OPEN, ...STOPS });
    expect((await row()).uncoveredSince).not.toBeNull();
    expect(await naked()).toEqual([]);
    await pass(29);
    await look();
    expect([await naked(), await told('stop_missing')]).toEqual([[], 0]);
    await pass(2);
    await look();
    await look();
    expect([await naked(), await told('stop_missing')]).toEqual([['stop 51000'], 2]);
    const [message] = await stage.db.notification.findMany({ where: { event: 'stop_missing' } });
    expect(message?.payload).toMatchObject({ code: '51000', heldBase: '0.1', side: 'long', symbol: 'BTC-USDT-SWAP' });
    await stage.control('faults', { clear: true });
    await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
    await worker.protect();
    await look();
    expect(await naked()).toEqual([]);
    expect(await row()).toMatchObject({ uncoveredSince: null, toldAt: null });
  });

  it('is not naked while something keeps it so, and has half a minute from then on', async () => {
    await refuse(PLACE);
    await copy({ ...OPEN, ...STOPS });
    await stage.db.exchangeAccount.updateMany({ data: { health: 'failing' } });
    await pass(60);
    expect(await naked()).toEqual([]);
    await look();
    expect(await told('stop_missing')).toBe(2);
    expect((await row()).hinderedAt).not.toBeNull();
    const waits = new Date(Date.now() + 200_000);
    await stage.db.protection.updateMany({ data: { nextAt: waits, sentAt: new Date(0) } });
    await stage.db.exchangeAccount.updateMany({ data: { health: 'healthy' } });
    await look();
    expect(await naked()).toEqual([]);
    // It does not wait for the end of its pause.
    expect((await row()).nextAt.getTime()).toBeLessThan(waits.getTime() - 100_000);
    await pass(31);
    expect(await naked()).toEqual(['stop 51000']);
  });

  it('is not told under halt', async () => {
    await stage.db.customer.updateMany({ data: { killSwitch: 'none' } });
    await refuse(PLACE);
    await copy({ ...OPEN, ...STOPS });
    await stage.db.customer.updateMany({ data: { killSwitch: 'halt' } });
    await worker.deps.killSwitches.refresh();
    await pass(60);
    await look();
    expect([await naked(), await told('stop_missing')]).toEqual([[], 0]);
  });

  it('is told of a suspended customer, too, and counted when he is not any more', async () => {
    await refuse(PLACE);
    await copy({ ...OPEN, ...STOPS });
    const suspend = (status: 'suspended' | 'active') => stage.db.customer.updateMany({ data: { status } });
    await suspend('suspended');
    await pass(60);
    await look();
    expect([await naked(), await told('stop_missing')]).toEqual([[], 2]);
    await suspend('active');
    await pass(31);
    expect(await naked()).toEqual(['stop 51000']);
  });

  it('is noted although its worker does nothing', async () => {
    await worker.copy(await stage.send({ ...OPEN, ...STOPS }));
    await stage.db.protection.updateMany({ data: { nextAt: new Date(Date.now() - 11_000) } });
    await watch.look(() => false);
    await pass(31);
    expect(await naked()).toEqual(['stop null']);
  });
});

describe('a position that has to go', () => {
  it('is naked after half a minute, once, and told as an exit', async () => {
    await copy({ ...OPEN, ...STOPS });
    await refuse(ORDER, '51022');
    await refuse(PLACE);
    await stage.db.protection.updateMany({ data: { request: 'none', tradeId: null } });
    await copy({ action: 'close' });
    await worker.leave();
    await pass(31);
    await look();
    expect(await naked()).toEqual(['exit 51022']);
    await worker.leave();
    expect([await told('stop_missing'), await told('exit_due')]).toEqual([0, 2]);
    await stage.control('faults', { clear: true });
    await stage.hurry();
    await worker.leave();
    expect([await naked(), await stage.held(follower)]).toEqual([[], '0']);
  });
});

describe('a position that stands as it should', () => {
  it('is not noted', async () => {
    await copy({ ...OPEN, ...STOPS });
    await pass(60);
    await look();
    expect(await row()).toMatchObject({ uncoveredSince: null, hinderedAt: null });
    await copy({ action: 'protect', side: 'long', stopLoss: { price: '96000' } });
    await copy({ action: 'close' });
    await look();
    expect([await naked(), (await row()).uncoveredSince]).toEqual([[], null]);
  });
});
