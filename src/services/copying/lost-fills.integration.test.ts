import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage, until } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { settleStragglers } from './sweep';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{ followRatio: '0.00015' }]);
});
afterAll(() => stage.close());

it('asks for a fill whose push was lost although the order was told to be filled', async () => {
  // Only pushes tell of this order: none of the dispatch's own questions comes first.
  const worker = await stage.worker({ timings: { ...EXECUTION_TIMINGS, queryAfter: 20_000 } });
  await stage.control('faults', {
    faults: [
      { kind: 'partial-fill', fraction: 0.5, rest: 'later', ms: 50, count: 1 },
      // The push of the acceptance comes first, the one of the first fill second.
      { kind: 'push-drop', match: { channel: 'orders' }, skip: 1, count: 1 },
    ],
  });
  const id = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '4' } });
  await worker.copy(id);
  const [trade] = await stage.trades(id);
  expect(trade?.status).toBe('filled');
  const quantities = async () => {
    const fills = await stage.db.fill.findMany({ where: { tradeId: trade?.id ?? '' } });
    return fills.map((fill) => fill.quantity.toFixed());
  };
  expect(await quantities()).toEqual(['0.03']);
  await settleStragglers(worker.deps, () => true, new AbortController().signal, 0);
  expect(await quantities()).toEqual(['0.03', '0.03']);
});

it('keeps what a reversal into too small a position leaves owing', async () => {
  const worker = await stage.worker();
  const id = await stage.send({ action: 'open', side: 'short', quantity: { unit: 'base', value: '0.46' } });
  await worker.copy(id);
  expect((await stage.trades(id)).map(({ leg, status, code }) => [leg, status, code])).toEqual([
    ['close', 'filled', null],
    ['open', 'denied', 'BELOW_MINIMUM'],
  ]);
  const debts = await stage.db.roundingDebt.findMany({ where: { NOT: { quantity: 0 } } });
  expect(debts.map(({ side, quantity }) => [side, quantity.toFixed()])).toEqual([['short', '0.0069']]);
});

it('owes again what it owed before an order that turns out never to have been', async () => {
  const other = await stage.beside();
  await other.addFollowers([{ followRatio: '0.3333' }]);
  const timings = { ...EXECUTION_TIMINGS, settleWithin: 300, sendWindow: 200, absenceMargin: 100 };
  const worker = await other.worker({ timings, streams: false });
  const owed = async () => (await other.db.roundingDebt.findFirstOrThrow()).quantity.toFixed();
  const open = async (value: string, by: typeof worker) => {
    const id = await other.send({ action: 'open', side: 'long', quantity: { unit: 'base', value } });
    await by.copy(id);
    return id;
  };
  await open('0.333', await other.worker({ streams: false }));
  // 0.3333 × 33.3 contracts = 11.09889 → 11.09.
  expect(await owed()).toBe('0.00889');
  await other.control('faults', {
    faults: [
      { id: 'away', kind: 'drop', when: 'before', match: { method: 'POST', path: '/api/v5/trade/order' } },
      { id: 'silent', kind: 'drop', when: 'before', match: { method: 'GET', path: '/api/v5/trade/order' } },
    ],
  });
  const id = await open('0.1', worker);
  expect((await other.trades(id)).map(({ status }) => status)).toEqual(['unknown']);
  // 3.333 + 0.00889 → 3.34.
  expect(await owed()).toBe('0.00189');
  await other.control('faults', { clear: true });
  await until(async () => {
    await settleStragglers(
      worker.deps,
      (account) => account === other.followers[0]?.accountId,
      AbortSignal.timeout(5000),
      0,
    );
    return (await other.trades(id))[0]?.status === 'expired';
  }, 'the order is known never to have been');
  expect(await owed()).toBe('0.00889');
});
