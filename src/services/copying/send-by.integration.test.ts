import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage, until } from '@/testing/copying/stage';
import { copySignal } from './copy-signal';
import { SendByRows } from './send-by';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}, {}]);
});
afterAll(() => stage.close());

it('moves the moments of many trades together, and only of those that are still to be placed under the claim', async () => {
  const worker = await stage.worker({ streams: false });
  const stop = new AbortController();
  const signalId = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
  // The plan is written, then the worker is gone: three trades wait to be placed.
  await copySignal({ ...worker.deps, publish: async () => stop.abort() }, signalId, stop.signal);
  await until(async () => (await stage.trades(signalId)).length === 3, 'the plan is written');
  const [first, second, third] = await stage.trades(signalId);
  if (first === undefined || second === undefined || third === undefined) throw new Error('no trades');
  await stage.db.trade.updateMany({ where: { id: third.id }, data: { status: 'filled' } });

  const { claimToken } = await stage.signal(signalId);
  const claim = { signalId, tenantId: stage.tenantId, token: claimToken, found: 'dispatching' } as const;
  let statements = 0;
  const { db } = stage;
  const counted: ConstructorParameters<typeof SendByRows>[0] = {
    $executeRaw: ((query: never) => {
      statements += 1;
      return db.$executeRaw(query);
    }) as typeof db.$executeRaw,
    $queryRaw: ((query: never) => db.$queryRaw(query)) as typeof db.$queryRaw,
  };
  const at = Date.now() + 60_000;
  const rows = new SendByRows(counted, claim);
  const asked = [rows.extend(first.id, at), rows.extend(second.id, at + 5), rows.extend(third.id, at)];
  expect(await Promise.all(asked)).toEqual([true, true, false]);
  expect(statements).toBe(1);
  const moved = await stage.trades(signalId);
  expect(moved.map(({ id, sendBy }) => [id, (sendBy?.getTime() ?? 0) >= at])).toEqual([
    [first.id, true],
    [second.id, true],
    [third.id, false],
  ]);

  const late = new SendByRows(counted, { ...claim, token: claimToken - 1 });
  expect(await late.extend(first.id, at + 60_000)).toBe(false);
});
