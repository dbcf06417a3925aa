import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForEndedOnceMore } from '@/services/copying/ended-orders';
import { OnceMore } from '@/services/copying/once-more';
import { Stage, type StageFollower, type StageWorker, until } from '@/testing/copying/stage';
import { ProtectionKeeper } from './keeper';
import { withdrawStrays } from './stray-stops';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const STOPS = { stopLoss: { price: '95000' }, takeProfit: { price: '110000' } };
const PLACE = { method: 'POST', path: '/api/v5/trade/order-algo' };
const CHANGE = { method: 'POST', path: '/api/v5/trade/amend-algos' };
const STANDING = 'sell 10 sl 95000 tp 110000';

type Algo = { account: string; side: string; sz: string; slTriggerPx: string; tpTriggerPx: string; state: string };

describe('a stop order that the venue refuses', () => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;

  beforeEach(async () => {
    stage = await Stage.open();
    const [first] = await stage.addFollowers([{ followRatio: '0.1' }]);
    if (first === undefined) throw new Error('no follower');
    follower = first;
    await setPrice('100000');
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  const setPrice = (price: string) => stage.control('price', { instId: 'BTC-USDT-SWAP', price, hold: true });
  const refuse = (code: string, count = 1, more: object = {}) =>
    stage.control('faults', { kind: 'refuse', code, count, match: PLACE, ...more });

  async function copy(fields: Readonly<Record<string, unknown>>): Promise<void> {
    await worker.copy(await stage.send(fields));
    await worker.protect();
  }

  /** Its pause is over. */
  async function tryAgain(): Promise<void> {
    await stage.db.protection.updateMany({ data: { nextAt: new Date(0) } });
    await worker.protect();
  }

  async function live(): Promise<string[]> {
    const { algos } = await stage.control<{ algos: Algo[] }>('algos');
    return algos
      .filter(({ state }) => state === 'live')
      .map(({ side, sz, slTriggerPx, tpTriggerPx }) => `${side} ${sz} sl ${slTriggerPx} tp ${tpTriggerPx}`);
  }

  const stops = () => stage.db.trade.findMany({ where: { leg: 'stop' }, orderBy: { createdAt: 'asc' } });
  const row = () => stage.db.protection.findFirstOrThrow();
  const pause = async () => (await row()).nextAt.getTime() - (await row()).updatedAt.getTime();

  it('is tried again at a slower and slower pace, under one receipt that counts', async () => {
    await refuse('51000', 6);
    await copy({ ...OPEN, ...STOPS });
    const pauses = [await pause()];
    await worker.protect();
    expect(await stops()).toMatchObject([{ status: 'rejected', code: '51000', attempts: 1 }]);
    for (let attempt = 2; attempt <= 6; attempt += 1) {
      await tryAgain();
      pauses.push(await pause());
    }
    expect(pauses.map((ms) => Math.round(ms / 1000))).toEqual([1, 2, 5, 10, 20, 20]);
    await stage.db.protection.updateMany({ data: { uncoveredSince: new Date(Date.now() - 7_200_000) } });
    await refuse('51000');
    await tryAgain();
    expect(Math.round((await pause()) / 1000)).toBe(300);
    expect(await stops()).toMatchObject([{ status: 'rejected', attempts: 7 }]);
    const signalId = (await stops())[0]?.signalId ?? '';
    await stage.db.signal.updateMany({ where: { id: signalId }, data: { receipts: { old: true } } });
    await tryAgain();
    expect(await live()).toEqual([STANDING]);
    expect(await stops()).toMatchObject([{ status: 'live', code: null, attempts: 8 }]);
    expect((await stage.signal(signalId)).receipts).toBeNull();
    expect(await row()).toMatchObject({ failures: 0, code: null });
  });

  it('says why it is not changed, until it is', async () => {
    await copy({ ...OPEN, ...STOPS });
    await stage.control('faults', { kind: 'refuse', code: '51000', count: 2, match: CHANGE });
    await copy({ action: 'protect', side: 'long', ...STOPS, stopLoss: { price: '96000' } });
    await tryAgain();
    expect(await live()).toEqual([STANDING]);
    expect(await row()).toMatchObject({ code: '51000', failures: 1 });
    await tryAgain();
    await tryAgain();
    await tryAgain();
    expect(await live()).toEqual(['sell 10 sl 96000 tp 110000']);
    expect(await row()).toMatchObject({ code: null, failures: 0 });
  });

  it.each(['51169', '51023'])('for want of a position has the venue asked what is there (%s)', async (code) => {
    await copy(OPEN);
    await stage.byHand(follower, { side: 'sell', quantity: '10' });
    await refuse(code);
    await copy({ action: 'protect', side: 'long', ...STOPS });
    await until(async () => (await stage.held(follower)) === '0', 'it is off the books');
    await worker.protect();
    expect(await live()).toEqual([]);
    expect(await row()).toMatchObject({ open: false });
    const outside = await stage.db.trade.findMany({ where: { leg: 'outside' } });
    expect(outside.map(({ code: how, quantity }) => `${how} ${quantity.toFixed()}`)).toEqual(['CLOSED_BY_HAND 10']);
  });

  it('for want of a position is placed for what is there', async () => {
    await copy(OPEN);
    await stage.byHand(follower, { side: 'sell', quantity: '4' });
    await refuse('51169');
    await copy({ action: 'protect', side: 'long', ...STOPS });
    await until(async () => (await stage.held(follower)) === '6', 'the rest is off the books');
    await tryAgain();
    expect(await live()).toEqual(['sell 6 sl 95000 tp 110000']);
    expect(await stops()).toHaveLength(1);
  });

  it.each([
    ['51205', 1],
    ['51000', 0],
  ])('for a setting has the account looked at (%s)', async (code, looks) => {
    const suspected: string[] = [];
    const prove = async (): Promise<void> => undefined;
    const keeper = new ProtectionKeeper({ ...worker.deps, prove, suspect: (id) => void suspected.push(id) });
    await refuse(code);
    await worker.copy(await stage.send({ ...OPEN, ...STOPS }));
    await keeper.runOnce(() => true, new AbortController().signal);
    expect(suspected).toEqual(looks === 0 ? [] : [follower.accountId]);
  });

  it('for want of a position that is there is placed all the same', async () => {
    await refuse('51023');
    await copy({ ...OPEN, ...STOPS });
    await tryAgain();
    expect(await live()).toEqual([STANDING]);
    expect(await stage.held(follower)).toBe('10');
  });

  it('and takes for all that is kept, once', async () => {
    await refuse('51000', 1, { when: 'after' });
    await copy({ ...OPEN, ...STOPS });
    expect(await stops()).toMatchObject([{ status: 'rejected' }]);
    expect(await live()).toEqual([STANDING]);
    await until(async () => {
      await tryAgain();
      return (await row()).confirmed && (await row()).request === 'place';
    }, 'it is known to stand');
    expect(await live()).toEqual([STANDING]);
    expect(await stops()).toMatchObject([{ status: 'live', code: null }]);
  });

  it('and takes for all that is found by asking once more, and kept', async () => {
    await refuse('51000', 1, { when: 'after' });
    await copy({ ...OPEN, ...STOPS });
    await askForEndedOnceMore(worker.deps, () => true, new OnceMore(), 0);
    expect(await stops()).toMatchObject([{ status: 'live', code: 'FOUND_AT_VENUE' }]);
    await worker.protect();
    expect(await row()).toMatchObject({ request: 'place', confirmed: true, failures: 0 });
    await withdrawStrays(worker.deps, () => true);
    await worker.protect();
    expect(await live()).toEqual([STANDING]);
    await copy({ action: 'close' });
    expect(await live()).toEqual([]);
    expect(await stops()).toMatchObject([{ status: 'canceled' }]);
  });

  it('and takes for all that is taken back where the position has another one by now', async () => {
    await refuse('51000', 1, { when: 'after' });
    await copy({ ...OPEN, ...STOPS });
    // As versions before left it.
    await stage.db.protection.updateMany({ data: { tradeId: null, round: 1 } });
    await tryAgain();
    expect(await live()).toEqual([STANDING, STANDING]);
    await askForEndedOnceMore(worker.deps, () => true, new OnceMore(), 0);
    await stage.db.customer.updateMany({ data: { killSwitch: 'halt' } });
    await worker.deps.killSwitches.refresh();
    await withdrawStrays(worker.deps, () => true);
    expect(await live()).toHaveLength(2);
    await stage.db.customer.updateMany({ data: { killSwitch: 'none' } });
    await worker.deps.killSwitches.refresh();
    await withdrawStrays(worker.deps, () => true);
    expect(await live()).toEqual([STANDING]);
    expect((await stops()).map(({ status }) => status)).toEqual(['canceled', 'live']);
    await worker.protect();
    expect(await live()).toEqual([STANDING]);
  });

  it('because it is larger than a market order may be covers as much, and the rest is closed after it', async () => {
    await copy(OPEN);
    await stage.database.system.instrument.updateMany({
      where: { id: 'okx:BTC-USDT-SWAP' },
      data: { maxMarketSize: '6' },
    });
    await copy({ action: 'protect', side: 'long', ...STOPS });
    expect(await live()).toEqual(['sell 6 sl 95000 tp 110000']);
    await worker.protect();
    expect(await row()).toMatchObject({ request: 'place', confirmed: true });
    await setPrice('94900');
    await until(async () => (await stage.held(follower)) === '4', 'the stop is booked');
    await worker.protect();
    expect(await row()).toMatchObject({ crossed: 'stop' });
    await worker.leave();
    expect(await stage.held(follower)).toBe('0');
    expect(await stage.venueHeld(follower)).toBe('0');
  });
});
