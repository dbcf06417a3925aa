import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakedWallClock, faketimeLibrary } from '@/testing/clocks/faked-wall-clock';
import { Stage, until, type VenueOrderRow } from '@/testing/copying/stage';
import { startWorkerProgram } from '@/testing/copying/worker-program';
import { type TestRedis, testRedis } from '@/testing/services';
import type { Program } from '@/testing/storm/program';
import { type Guard, startGuard } from '../../scripts/services/guard';

const library = faketimeLibrary() ?? '';
/** The venue takes an order this long after it was sent, ms. */
const SLOW_VENUE = 2500;

/** Real workers, each with a wall clock of its own; database, Redis and venue have the machine's. */
describe.skipIf(library === '')('workers whose clocks are apart', () => {
  let stage: Stage;
  let redis: TestRedis;
  let guard: Guard;
  const programs: Program[] = [];
  const clocks: FakedWallClock[] = [];

  beforeAll(async () => {
    redis = await testRedis();
    guard = startGuard();
  });
  beforeEach(async () => {
    stage = await Stage.open();
    await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.25', positionMode: 'long_short' }]);
  });
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.stop()));
    for (const clock of clocks.splice(0)) clock.remove();
    await stage.close();
    await redis.flush();
  });
  afterAll(async () => {
    await redis.close();
    guard.close();
  });

  /** Starts a worker whose wall clock is so far ahead, and waits until it is ready. */
  async function startWorker(offsetMs: number): Promise<FakedWallClock> {
    const clock = new FakedWallClock(library, offsetMs);
    clocks.push(clock);
    const name = `worker at ${offsetMs}`;
    programs.push(await startWorkerProgram({ stage, redis, guard, name, env: clock.env }));
    return clock;
  }

  /** Lets the first worker claim a signal before the others see it: these are then after what is not theirs. */
  async function sendToFirst(fields: Readonly<Record<string, unknown>>): Promise<string> {
    const others = programs.slice(1).flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    for (const pid of others) process.kill(pid, 'SIGSTOP');
    try {
      const signalId = await stage.send(fields);
      await until(async () => (await stage.signal(signalId)).status === 'dispatching', 'the first worker has it');
      return signalId;
    } finally {
      for (const pid of others) process.kill(pid, 'SIGCONT');
    }
  }

  async function done(signalIds: readonly string[], within = 60_000): Promise<void> {
    await until(
      async () => {
        const rows = await stage.db.signal.findMany({ where: { id: { in: [...signalIds] } } });
        return rows.every(({ status }) => status === 'done');
      },
      'the signals are done',
      within,
      100,
    );
  }

  /** Orders that the venue executed, each once and under an id of its own. */
  async function executed(): Promise<readonly VenueOrderRow[]> {
    return (await stage.venueOrders()).filter(({ fillSz }) => Number(fillSz) > 0);
  }

  const STORY = [
    { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } },
    { action: 'open', side: 'long', quantity: { unit: 'base', value: '0.5' } },
    { action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } },
    { action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '100' } },
  ];

  /** Plays the story while the venue is slow, and compares what it executed with what our books say. */
  async function playSlowly(disturb: () => Promise<void> = async () => undefined): Promise<void> {
    await stage.control('faults', {
      kind: 'latency',
      ms: SLOW_VENUE,
      match: { path: '/api/v5/trade/order', method: 'POST' },
    });
    const sent: string[] = [];
    const disturbing = disturb();
    for (const fields of STORY) {
      sent.push(await sendToFirst(fields));
      await done(sent);
    }
    await disturbing;
    const signals = await stage.db.signal.findMany({ where: { id: { in: sent } } });
    expect(signals.map(({ claimToken }) => claimToken)).toEqual(sent.map(() => 1));
    const orders = await executed();
    const trades = await stage.db.trade.findMany({ where: { signalId: { in: sent } } });
    expect(trades.map(({ status }) => status)).toEqual(trades.map(() => 'filled'));
    expect(orders.map(({ clOrdId }) => clOrdId).sort()).toEqual(trades.map(({ id }) => id).sort());
    expect(orders).toHaveLength(STORY.length * stage.followers.length);
  }

  it.each([[0, 9000]])(
    'place each order once at %i and %i ms',
    async (one, other) => {
      await Promise.all([startWorker(one), startWorker(other)]);
      await playSlowly();
    },
    180_000,
  );

  it.each([[30_000], [-30_000]])(
    'find a signal as old as it is at %i ms',
    async (offset) => {
      await startWorker(offset);
      const [entry = {}] = STORY;
      const stale = await stage.send({ ...entry, maxLag: '25' });
      const ago = (ms: number) => new Date(Date.now() - ms);
      await stage.db.signal.updateMany({ where: { id: stale }, data: { sentAt: ago(40_000), expiresAt: ago(15_000) } });
      const fresh = await stage.send({ ...entry, maxLag: '25' });
      await done([fresh, stale]);
      const codes = async (signalId: string) =>
        (await stage.trades(signalId)).map(({ status, code }) => code ?? status);
      expect(await codes(fresh)).toEqual(['filled', 'filled']);
      expect(await codes(stale)).toEqual(['STALE_SIGNAL', 'STALE_SIGNAL']);
    },
    180_000,
  );
});
