import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CIRCUIT_LIMITS } from '@/domain/circuit-breaker';
import { Stage, type StageWorker, until } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { settleStragglers } from './sweep';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const FOLLOWERS = 30;
/** What may leave before a worker knows: one request a connection, and one more for each failure but the last. */
const UNKNOWING = 16 + CIRCUIT_LIMITS.failures - 1;
/** Shorter than the product's, so that an unknown outcome is definitive soon. */
const TIMINGS = { ...EXECUTION_TIMINGS, sendWindow: 1500, absenceMargin: 200, longestQuery: 500 };

let stage: Stage;
let worker: StageWorker;

beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers(Array.from({ length: FOLLOWERS }, () => ({ balance: '1000000' })));
});
afterAll(() => stage.close());
beforeEach(async () => {
  worker = await stage.worker({ timings: TIMINGS });
});
afterEach(async () => {
  await stage.control('faults', { clear: true });
});

const breaker = () => worker.deps.venue('okx').breaker('simulated');

/** Nothing on the venue's API answers any more, and what arrives there is counted. */
async function goAway(): Promise<void> {
  const counted = { kind: 'latency', ms: 0 };
  await stage.control('faults', {
    faults: [
      { id: 'gone', kind: 'drop', when: 'before' },
      { ...counted, id: 'orders', match: { method: 'POST', path: '/api/v5/trade/order' } },
      { ...counted, id: 'settings', match: { method: 'POST', path: '/api/v5/account/*' } },
      { ...counted, id: 'probes', match: { path: '/api/v5/public/time' } },
      { ...counted, id: 'all' },
    ],
  });
}

async function arrived(id: string): Promise<number> {
  type Rule = { readonly id: string; readonly fired: number };
  const answer = await stage.control<readonly Rule[] | { readonly faults: readonly Rule[] }>('faults');
  const rules = 'faults' in answer ? answer.faults : answer;
  return rules.find((rule) => rule.id === id)?.fired ?? 0;
}

async function someProbes(count: number): Promise<void> {
  const seen = await arrived('probes');
  await until(async () => (await arrived('probes')) >= seen + count, 'the venue is asked whether it is back');
}

async function knowPrice(): Promise<void> {
  expect(await worker.deps.prices.price('okx', 'simulated', 'BTC-USDT-SWAP')).not.toBeNull();
}

const statuses = async (signalId: string) => (await stage.trades(signalId)).map(({ status }) => status);

/** Every follower got each of the signals' orders once, and the venue has no others. */
async function expectEachOnce(...signalIds: readonly string[]): Promise<void> {
  for (const id of signalIds) expect(await statuses(id)).toEqual(Array(FOLLOWERS).fill('filled'));
  const filled = await stage.db.trade.findMany({ where: { status: 'filled' }, select: { id: true } });
  const orders = await stage.venueOrders();
  expect(orders.map(({ clOrdId }) => clOrdId).sort()).toEqual(filled.map(({ id }) => id).sort());
}

it('waits with leverages too', async () => {
  await knowPrice();
  await goAway();
  const id = await stage.send(OPEN);
  const copying = worker.copy(id);
  await until(() => !breaker().reachable, 'the breaker opens');
  await someProbes(1);
  const settings = await arrived('settings');
  expect(settings).toBeLessThanOrEqual(UNKNOWING);
  await someProbes(2);
  expect(await arrived('settings')).toBe(settings);
  expect(await arrived('orders')).toBe(0);
  await stage.control('faults', { clear: true });
  await copying;
  await expectEachOnce(id);
});

it('sends nothing to a venue that is gone, and to each follower his order once it is back', async () => {
  await knowPrice();
  await goAway();
  const id = await stage.send(OPEN);
  const copying = worker.copy(id);
  await until(() => !breaker().reachable, 'the breaker opens');
  expect(breaker().view().failures).toBeGreaterThanOrEqual(CIRCUIT_LIMITS.failures);
  // What had left by then arrives; nothing follows.
  await someProbes(1);
  const [orders, all] = [await arrived('orders'), await arrived('all')];
  expect(orders).toBeLessThanOrEqual(UNKNOWING);
  const seen = await arrived('probes');
  await someProbes(2);
  expect(await arrived('orders')).toBe(orders);
  expect((await arrived('all')) - all).toBe((await arrived('probes')) - seen);
  expect((await arrived('probes')) - seen).toBeLessThanOrEqual(3);
  await stage.control('faults', { clear: true });
  await copying;
  expect(breaker().view()).toMatchObject({ state: 'closed', failures: 0, lastFailure: 'connection_lost' });
  await expectEachOnce(id);
});

it('gives each follower a receipt that says so when the venue comes back too late, and sends nothing then', async () => {
  await knowPrice();
  await goAway();
  const id = await stage.send({ ...OPEN, maxLag: 3 });
  const copying = worker.copy(id);
  // Those whose request was lost on its way are unknown: only the venue can say that they do not exist.
  const expired = async () => (await statuses(id)).filter((status) => status === 'expired').length;
  await until(async () => (await expired()) >= FOLLOWERS - UNKNOWING, 'the signal is too old');
  await stage.control('faults', { clear: true });
  await copying;
  await settleStragglers(worker.deps, () => true, AbortSignal.timeout(5000), 0);
  const trades = await stage.trades(id);
  expect(new Set(trades.map(({ status, code }) => `${status} ${code}`))).toEqual(
    new Set(['expired VENUE_UNREACHABLE']),
  );
  expect(trades).toHaveLength(FOLLOWERS);
  for (const { detail } of trades) expect(detail).toMatchObject({ venue: 'okx', maxSeconds: '3.0' });
  await expectEachOnce();
});

it('says the same of an entry that was not even priced', async () => {
  await goAway();
  const id = await stage.send({ ...OPEN, maxLag: 4 });
  await worker.copy(id);
  const trades = await stage.trades(id);
  expect(trades).toHaveLength(FOLLOWERS);
  expect(new Set(trades.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['denied VENUE_UNREACHABLE']));
  await expectEachOnce();
});

it('goes on after a dead key, refusals and rate limits of many', async () => {
  const match = { method: 'POST', path: '/api/v5/trade/order' };
  await stage.control('faults', {
    faults: [
      { kind: 'refuse', code: '50111', match, count: 8 },
      { kind: 'refuse', code: '51008', match, count: 8, skip: 8 },
      { kind: 'status', status: 429, when: 'before', match, count: 8, skip: 16 },
    ],
  });
  const { spell } = breaker();
  await worker.copy(await stage.send(OPEN));
  expect(breaker().spell).toBe(spell);
});
