import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@/platform/clock';
import { newId } from '@/platform/ids';
import { Stage, type StageWorker, until } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { PositionWatch } from '../reconciliation/position-watch';
import { cancelStrandedEntries } from '../safety/stranded-entries';
import { askForEndedOnceMore } from './ended-orders';
import { OnceMore } from './once-more';

const ORDER = { method: 'POST', path: '/api/v5/trade/order' };
const QUESTION = { method: 'GET', path: '/api/v5/trade/order' };
/** 1.2345678 contracts for a follower of a tenth: 1.23 are ordered, the rest is owed. */
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '0.12345678' } };
const ENTRY = { ...OPEN, orderType: 'limit', limitPrice: '59000' };
/** An order's only request may be accepted as long as its signal is fresh, so that it is not sent a second time. */
const FRESH = 3000;
const TIMINGS = { ...EXECUTION_TIMINGS, sendWindow: FRESH, absenceMargin: 100 };

let stage: Stage;
let worker: StageWorker;
let tenantChannel: string;
let customerChannel: string;

beforeEach(async () => {
  stage = await Stage.open();
  const [follower] = await stage.addFollowers([{}]);
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
  [tenantChannel, customerChannel] = [newId(), newId()];
  const channel = { tenantId: stage.tenantId, kind: 'dingtalk', configSealed: '-' } as const;
  await stage.db.notificationChannel.createMany({
    data: [
      { ...channel, id: tenantChannel, name: 'Operators' },
      { ...channel, id: customerChannel, name: 'Customer', customerId: follower?.customerId ?? null },
    ],
  });
});
afterEach(() => stage.close());

/** The venue takes the order, and tells it as refused. */
const takenAndRefused = () =>
  stage.control('faults', { id: 'refusal', kind: 'refuse', code: '51008', when: 'after', match: ORDER });

/** The venue takes the order, the answer is lost, and for a while it knows nothing of it. */
async function takenAndUnknown(): Promise<void> {
  await stage.control('faults', { id: 'lost', kind: 'drop', when: 'after', match: ORDER });
  await stage.control('faults', { id: 'forgetful', kind: 'refuse', code: '51603', match: QUESTION });
}

const silent = () => stage.control('faults', { id: 'silent', kind: 'push-drop', match: { channel: 'orders' } });
const clearSky = () => stage.control('faults', { clear: true });

async function copy(fields: object): Promise<string> {
  const signalId = await stage.send({ ...fields });
  await stage.db.signal.updateMany({ where: { id: signalId }, data: { expiresAt: new Date(Date.now() + FRESH) } });
  await worker.copy(signalId);
  return signalId;
}

const only = async (signalId: string) => (await stage.trades(signalId))[0];
const held = async () => Promise.all(stage.followers.map((follower) => stage.held(follower))).then(String);
const told = async (channelId: string) =>
  (await stage.db.notification.findMany({ where: { channelId, event: 'order_found' } })).map(({ payload }) => payload);
const askOnceMore = (round = new OnceMore()) => askForEndedOnceMore(worker.deps, () => true, round, 0);

async function expectBooked(signalId: string, endedAs: string, endedCode: string): Promise<void> {
  expect(await only(signalId)).toMatchObject({
    status: 'filled',
    code: 'FOUND_AT_VENUE',
    detail: { endedAs, endedCode },
  });
  expect(await held()).toBe('1.23');
  expect(await stage.db.fill.count()).toBe(1);
  expect((await stage.db.roundingDebt.findMany()).map(({ quantity }) => quantity.toFixed())).toEqual(['0.0045678']);
  expect((await stage.signal(signalId)).receipts).toBeNull();
  const found = { endedAs, endedCode, status: 'filled', filledBase: '0.0123', symbol: 'BTC-USDT-SWAP' };
  expect([await told(tenantChannel), await told(customerChannel)]).toMatchObject([[found], [found]]);
}

describe('an order that our books had ended', () => {
  it('is booked when a push tells that it was filled although it was refused', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    await takenAndRefused();
    await stage.control('faults', { kind: 'push-delay', ms: 4000, match: { channel: 'orders' } });
    const signalId = await copy(OPEN);
    expect(await only(signalId)).toMatchObject({ status: 'rejected', code: '51008' });
    expect((await stage.signal(signalId)).receipts).not.toBeNull();
    await until(async () => (await only(signalId))?.status === 'filled', 'the push came');
    await expectBooked(signalId, 'rejected', '51008');
  });

  it('is booked when a push tells that it was filled although it counted as never placed', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    await takenAndUnknown();
    await stage.control('faults', { kind: 'push-delay', ms: 7000, match: { channel: 'orders' } });
    const signalId = await copy(OPEN);
    expect(await only(signalId)).toMatchObject({ status: 'expired', code: 'STALE_SIGNAL' });
    await until(async () => (await only(signalId))?.status === 'filled', 'the push came');
    await expectBooked(signalId, 'expired', 'STALE_SIGNAL');
  });

  it.each([
    ['rejected', takenAndRefused, '51008'],
    ['expired', takenAndUnknown, 'STALE_SIGNAL'],
  ] as const)('is asked for once more where no push came (%s)', async (endedAs, happens, code) => {
    worker = await stage.worker({ timings: TIMINGS });
    await happens();
    await silent();
    const signalId = await copy(OPEN);
    expect((await only(signalId))?.status).toBe(endedAs);
    await clearSky();
    await askOnceMore();
    await expectBooked(signalId, endedAs, code);
  });

  it('is asked for once only when the venue does not know it, and again where it did not answer', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    await stage.control('faults', { kind: 'refuse', code: '51008', match: ORDER });
    const signalId = await copy(OPEN);
    const round = new OnceMore();
    await stage.control('faults', { id: 'mute', kind: 'status', status: 502, match: QUESTION });
    await askOnceMore(round);
    expect(round.turn(() => true).size).toBe(1);
    await clearSky();
    await askOnceMore(round);
    await askOnceMore(round);
    expect(round.turn(() => true).size).toBe(0);
    expect((await only(signalId))?.status).toBe('rejected');
  });

  it('is not asked for where nothing can have left', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    const signalId = await stage.send(OPEN);
    await stage.db.signal.updateMany({ where: { id: signalId }, data: { expiresAt: new Date() } });
    await worker.copy(signalId);
    const round = new OnceMore();
    round.found(await stage.database.system.trade.findMany({ where: { attempts: { gt: 0 } } }), Date.now(), true);
    expect(round.turn(() => true).size).toBe(0);
  });

  it('is asked for when the stream of its account comes back', async () => {
    worker = await stage.worker({ streams: false, timings: TIMINGS });
    await takenAndRefused();
    const signalId = await copy(OPEN);
    await clearSky();
    worker = await stage.worker({ timings: TIMINGS });
    await until(async () => (await only(signalId))?.status === 'filled', 'it was asked for');
    await expectBooked(signalId, 'rejected', '51008');
  });

  it('is not told as opened by hand', async () => {
    worker = await stage.worker({ streams: false, timings: TIMINGS });
    await takenAndUnknown();
    const signalId = await copy(OPEN);
    await clearSky();
    const watch = new PositionWatch({ ...worker.deps, ...worker, clock: systemClock });
    const { accountId = '', customerId = '' } = stage.followers[0] ?? {};
    const look = () => watch.look({ id: accountId, tenantId: stage.tenantId, customerId });
    expect([await look(), await look()]).toEqual(['suspected', 'agrees']);
    expect(await stage.db.positionDrift.count()).toBe(0);
    await expectBooked(signalId, 'expired', 'STALE_SIGNAL');
  });

  it('is known as resting again, and taken back with its leader', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    await takenAndRefused();
    await silent();
    const signalId = await copy(ENTRY);
    expect((await only(signalId))?.status).toBe('rejected');
    await clearSky();
    await askOnceMore();
    expect(await only(signalId)).toMatchObject({ status: 'live', code: 'FOUND_AT_VENUE' });
    expect(await told(tenantChannel)).toMatchObject([{ status: 'live', filledBase: '0' }]);
    await copy({ action: 'close', side: 'long' });
    expect((await stage.venueOrders()).map(({ state }) => state)).toEqual(['canceled']);
    expect((await only(signalId))?.status).toBe('canceled');
  });

  it('is taken back or closed when its leader had left before it was found', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    await takenAndRefused();
    await silent();
    const filled = await copy(OPEN);
    const resting = await copy(ENTRY);
    await clearSky();
    await copy({ action: 'close', side: 'long' });
    await askOnceMore();
    expect(await held()).toBe('1.23');
    await cancelStrandedEntries(worker.deps, () => true, AbortSignal.timeout(5000));
    await worker.leave();
    expect(await held()).toBe('0');
    expect([(await only(filled))?.status, (await only(resting))?.status]).toEqual(['filled', 'canceled']);
    expect((await stage.db.roundingDebt.findMany()).filter(({ quantity }) => !quantity.isZero())).toEqual([]);
  });

  it('is not believed of an order that was denied and never sent', async () => {
    worker = await stage.worker({ timings: TIMINGS });
    await stage.db.strategy.updateMany({ data: { status: 'paused' } });
    const signalId = await copy(OPEN);
    const trade = await only(signalId);
    expect(trade?.status).toBe('denied');
    worker.deps.book.report(stage.tenantId, {
      kind: 'venue',
      tradeId: trade?.id ?? '',
      update: {
        accountId: trade?.accountId ?? '',
        clientOrderId: trade?.id ?? '',
        venueOrderId: '1',
        symbol: 'BTC-USDT-SWAP',
        state: 'filled',
        filledQuantity: '5',
        averagePrice: '60000',
        fee: '0',
        cancelCode: null,
        cause: 'order',
        leverage: null,
        updatedAt: Date.now(),
        fill: null,
      },
      fills: [],
    });
    await worker.deps.book.drain();
    expect((await only(signalId))?.status).toBe('denied');
    expect(await held()).toBe('0');
  });
});
