import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PositionWatch } from '@/services/reconciliation/position-watch';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';

const BTC = 'BTC-USDT-SWAP';
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const CLOSE = { action: 'close', side: 'long' };

let stage: Stage;
let worker: StageWorker;
let follower: StageFollower;

beforeEach(async () => {
  stage = await Stage.open();
  await stage.control('price', { instId: BTC, price: '60000', hold: true });
  const [first] = await stage.addFollowers([{}]);
  if (first === undefined) throw new Error('no follower');
  follower = first;
  worker = await stage.worker();
});
afterEach(() => stage.close());

async function copy(fields: Readonly<Record<string, unknown>>): Promise<string> {
  const id = await stage.send(fields);
  await worker.copy(id);
  return id;
}

/** At the venue; what we know of it stays as it was. */
const atVenue = (state: 'live' | 'suspend' | 'settling' | 'delisted') =>
  stage.control('instrument', { instId: BTC, state });
const row = () => stage.database.system.instrument.findUniqueOrThrow({ where: { id: `okx:${BTC}` } });
/** Lets what is known of all instruments be so old, s. */
const age = (seconds: number) =>
  stage.database.system.instrument.updateMany({ data: { updatedAt: new Date(Date.now() - seconds * 1000) } });
const books = async () => [await stage.held(follower), await stage.venueHeld(follower)];
const exit = () => stage.db.positionExit.findFirstOrThrow();
const received = async (id: string) => (await stage.trades(id)).map(({ leg, status, code }) => [leg, status, code]);

describe('a suspended instrument', () => {
  it('is left when it resumes: its leader closes, the exit waits and says why, and nothing is held then', async () => {
    await copy(OPEN);
    await atVenue('suspend');
    expect(await received(await copy(CLOSE))).toEqual([['close', 'rejected', '51022']]);
    // The refusal itself has the list read again.
    await until(async () => (await row()).state === 'suspended', 'the state is known');
    expect(await worker.leave()).toEqual([]);
    await stage.hurry();
    expect(await worker.leave()).toEqual([]);
    expect(await exit()).toMatchObject({
      cause: 'leader_left',
      obstacle: 'INSTRUMENT_SUSPENDED',
      attempts: 0,
      doneAt: null,
    });
    await atVenue('live');
    // Nobody says that it trades again: while something waits, the list is read when it is old, and not before.
    await worker.listing.runOnce();
    expect((await row()).state).toBe('suspended');
    await age(16);
    await worker.listing.runOnce();
    expect((await row()).state).toBe('live');
    expect(await worker.leave()).toHaveLength(1);
    expect(await books()).toEqual(['0', '0']);
  });

  it('is told when the exit has been due for long', async () => {
    await stage.db.notificationChannel.create({
      data: { id: 'a'.repeat(32), tenantId: stage.tenantId, kind: 'dingtalk', name: 'a', configSealed: 'sealed' },
    });
    await copy(OPEN);
    await atVenue('suspend');
    await worker.listing.look();
    await copy(CLOSE);
    await worker.leave();
    await stage.db.positionExit.updateMany({ data: { dueAt: new Date(Date.now() - 31_000) } });
    await worker.leave();
    const [told] = await stage.db.notification.findMany({ where: { event: 'exit_due' } });
    expect(told?.payload).toMatchObject({ code: 'INSTRUMENT_SUSPENDED', heldBase: '0.1' });
  });

  it('is emptied by a kill switch at flatten when it resumes', async () => {
    await copy(OPEN);
    await atVenue('suspend');
    await worker.listing.look();
    await stage.db.tenant.updateMany({ data: { killSwitch: 'flatten' } });
    await worker.deps.killSwitches.refresh();
    expect(await worker.leave()).toEqual([]);
    expect(await exit()).toMatchObject({ cause: 'flatten', obstacle: 'INSTRUMENT_SUSPENDED' });
    await atVenue('live');
    await age(16);
    await worker.listing.runOnce();
    expect(await worker.leave()).toHaveLength(1);
    expect(await books()).toEqual(['0', '0']);
  });

  it('is tried all the same where what is known of it is old', async () => {
    await copy(OPEN);
    await atVenue('suspend');
    await worker.listing.look();
    await copy(CLOSE);
    await atVenue('live');
    // The venue lets nobody ask for its list.
    await stage.control('faults', {
      kind: 'refuse',
      code: '50001',
      status: 503,
      match: { method: 'GET', path: '/api/v5/public/instruments' },
    });
    await age(121);
    await worker.listing.runOnce();
    expect((await row()).state).toBe('suspended');
    expect(await worker.leave()).toHaveLength(1);
    expect(await books()).toEqual(['0', '0']);
  });

  it('takes no entries, at once and without waiting for a price, and does so again soon after it resumes', async () => {
    await atVenue('suspend');
    await worker.listing.look();
    const denied = await copy(OPEN);
    expect(await stage.trades(denied)).toMatchObject([
      { status: 'denied', code: 'INSTRUMENT_SUSPENDED', detail: { symbol: BTC, state: 'suspended' } },
    ]);
    await atVenue('live');
    await age(16);
    await worker.listing.runOnce();
    await copy({ ...OPEN, side: 'long' });
    expect(await books()).toEqual(['10', '10']);
  });

  it('is closed by a reversal only', async () => {
    await copy(OPEN);
    await worker.listing.look();
    await stage.database.system.instrument.updateMany({ data: { state: 'post_only' } });
    await stage.catalogue.refresh(true);
    const turned = await copy({ ...OPEN, side: 'short', quantity: { unit: 'base', value: '2' } });
    expect(await received(turned)).toEqual([
      ['close', 'filled', null],
      ['open', 'denied', 'INSTRUMENT_SUSPENDED'],
    ]);
  });
});

describe('an instrument that is being settled', () => {
  it('is left when that is over, although the venue lists it as live', async () => {
    await copy(OPEN);
    await stage.control('faults', {
      kind: 'refuse',
      code: '51029',
      match: { method: 'POST', path: '/api/v5/trade/order' },
    });
    await copy(CLOSE);
    await worker.leave();
    await stage.db.positionExit.updateMany({
      data: { dueAt: new Date(Date.now() - 7_200_000), attempts: 50, nextAt: new Date(0) },
    });
    await worker.leave();
    const { nextAt, code } = await exit();
    expect(code).toBe('51029');
    // Hours later, too, it is tried every 20 s.
    expect(nextAt.getTime() - Date.now()).toBeLessThan(21_000);
    await stage.control('faults', { clear: true });
    await stage.hurry();
    await worker.leave();
    expect(await books()).toEqual(['0', '0']);
  });

  it('ends an entry with the refusal', async () => {
    await atVenue('settling');
    expect(await received(await copy(OPEN))).toEqual([['open', 'rejected', '51029']]);
  });
});

describe('a delisted instrument', () => {
  const lookAtPositions = async () => {
    const { database, cipher, venue, publish, instruments, logger } = worker.deps;
    const clock = { now: () => Date.now() };
    const watch = new PositionWatch({
      database,
      cipher,
      venue,
      instruments,
      publish,
      askForEnded: worker.askForEnded,
      clock,
      logger,
    });
    const watched = { id: follower.accountId, tenantId: stage.tenantId, customerId: follower.customerId };
    await watch.look(watched);
    await watch.look(watched);
  };

  it('stays known for exits, takes no entries, and its positions are booked as what became of them', async () => {
    await copy(OPEN);
    await atVenue('delisted');
    await worker.listing.look();
    expect(await row()).toMatchObject({ state: 'gone', lotSize: expect.anything() });
    expect(await received(await copy(OPEN))).toEqual([['open', 'denied', 'INSTRUMENT_DELISTED']]);
    await copy(CLOSE);
    await worker.leave();
    await lookAtPositions();
    expect(await books()).toEqual(['0', '0']);
    const outside = await stage.db.trade.findMany({ where: { leg: 'outside' } });
    expect(outside.map(({ code, quantity }) => [code, quantity.toFixed()])).toEqual([['DELISTED', '10']]);
    await worker.leave();
    expect(await stage.db.positionExit.count({ where: { doneAt: null } })).toBe(0);
  });

  it('takes no entries from the moment on that its venue named', async () => {
    const endsAt = Date.now() + 3_600_000;
    await stage.control('instrument', { instId: BTC, expTime: endsAt });
    await worker.listing.look();
    await copy(OPEN);
    expect((await row()).endsAt).toEqual(new Date(endsAt));
    await stage.database.system.instrument.updateMany({ data: { endsAt: new Date(Date.now() - 1) } });
    await stage.catalogue.refresh(true);
    expect(await received(await copy(OPEN))).toEqual([['open', 'denied', 'INSTRUMENT_DELISTED']]);
    expect(await received(await copy(CLOSE))).toEqual([['close', 'filled', null]]);
    expect(await books()).toEqual(['0', '0']);
  });
});

describe('a stop order', () => {
  it('of a suspended instrument waits, says why, and is placed when it resumes', async () => {
    await copy(OPEN);
    await atVenue('suspend');
    await worker.listing.look();
    await copy({ action: 'protect', side: 'long', stopLoss: { price: '58000' } });
    await worker.protect();
    const protection = () => stage.db.protection.findFirstOrThrow();
    expect(await protection()).toMatchObject({ open: true, request: 'none', code: 'INSTRUMENT_SUSPENDED' });
    expect(await stage.db.trade.count({ where: { leg: 'stop' } })).toBe(0);
    await atVenue('live');
    await age(16);
    await worker.listing.runOnce();
    await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
    await worker.protect();
    expect(await protection()).toMatchObject({ request: 'place', confirmed: true, failures: 0, code: null });
    const { algos } = await stage.control<{ algos: { state: string; slTriggerPx: string }[] }>('algos');
    expect(algos).toMatchObject([{ state: 'live', slTriggerPx: '58000' }]);
  });

  it('that the venue refuses for it is tried again every 20 s at least', async () => {
    await copy({ ...OPEN, stopLoss: { price: '58000' } });
    await atVenue('suspend');
    await stage.db.protection.updateMany({ data: { failures: 12 } });
    await worker.protect();
    const { nextAt, code, open } = await stage.db.protection.findFirstOrThrow();
    expect([open, code]).toEqual([true, '51022']);
    expect(nextAt.getTime() - Date.now()).toBeLessThan(21_000);
    await until(async () => (await row()).state === 'suspended', 'the state is known');
  });
});
