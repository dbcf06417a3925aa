import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, until } from '@/testing/copying/stage';
import { startWorkerProgram } from '@/testing/copying/worker-program';
import { type TestRedis, testRedis } from '@/testing/services';
import type { Program } from '@/testing/storm/program';
import { type Guard, startGuard } from '../../scripts/services/guard';

const SYMBOLS = ['BTC', 'ETH', 'SOL', 'XRP', 'DOGE'].map((coin) => `${coin}-USDT-SWAP`);
/** The venue answers an order of one account so late, ms. */
const HANGS = 12_000;

/** A real worker with two tenants: the accounts of one of them hang. */
describe('exits of one tenant', () => {
  let loud: Stage;
  let quiet: Stage;
  let redis: TestRedis;
  let guard: Guard;
  let program: Program;
  let hanging: StageFollower;
  let waiting: StageFollower;

  beforeAll(async () => {
    redis = await testRedis();
    guard = startGuard();
  });
  beforeEach(async () => {
    loud = await Stage.open();
    quiet = await loud.beside();
    [hanging] = (await loud.addFollowers([{ balance: '1000000' }])) as [StageFollower];
    [waiting] = (await quiet.addFollowers([{}])) as [StageFollower];
    program = await startWorkerProgram({ stage: loud, redis, guard, name: 'worker' });
  });
  afterEach(async () => {
    await program.stop();
    await quiet.close();
    await loud.close();
    await redis.flush();
  });
  afterAll(async () => {
    await redis.close();
    guard.close();
  });

  const flatten = (stage: Stage) =>
    stage.database.system.tenant.updateMany({
      where: { id: stage.tenantId },
      data: { killSwitch: 'flatten', killSwitchAt: new Date() },
    });

  it('do not wait for exits of another one whose venue hangs, whose leaders go on sending besides', async () => {
    const open = { action: 'open', side: 'long', quantity: { unit: 'base', value: '0.1' } };
    for (const instrument of SYMBOLS)
      await loud.send({ ...open, instrument, quantity: { unit: 'quote', value: '2000' } });
    await quiet.send(open);
    await until(
      async () =>
        (await loud.database.system.position.count({ where: { quantity: { gt: 0 } } })) === SYMBOLS.length + 1,
      'all is held',
      30_000,
    );
    await loud.control('faults', {
      kind: 'latency',
      ms: HANGS,
      match: { path: '/api/v5/trade/order', method: 'POST', account: hanging.venueAccount },
    });
    await flatten(loud);
    await until(async () => (await underWay(loud)) === SYMBOLS.length, 'all exits of the loud one are under way');
    for (const instrument of SYMBOLS) await loud.send({ ...open, instrument });
    await flatten(quiet);
    await until(async () => (await quiet.venueHeld(waiting)) === '0', 'the quiet one is out');
    expect(await underWay(loud)).toBe(SYMBOLS.length);
    expect(await loud.venueHeld(hanging)).not.toBe('0');
  }, 120_000);

  /** Exits whose orders are at the venue, or on their way. */
  const underWay = (stage: Stage) =>
    stage.db.signal.count({ where: { ours: true, status: 'dispatching', claimedUntil: { not: null } } });
});
