import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '1' } };
const QUESTIONS = { path: '/api/v5/account/balance' };

describe('an entry of accounts of which nobody knows what they are worth', () => {
  let stage: Stage;
  let worker: StageWorker;
  let followers: readonly StageFollower[];

  beforeAll(async () => {
    stage = await Stage.open();
    followers = await stage.addFollowers(Array.from({ length: 6 }, () => ({})));
    // Of the followers two are in the first slice, and two in each part of the second.
    worker = await stage.worker({ streams: false, slices: { first: 2, growth: 2, most: 4, part: 2 } });
  });
  beforeEach(async () => {
    await stage.control('faults', { clear: true });
    // Matches every question and changes nothing: it counts.
    await stage.control('faults', { id: 'count', kind: 'latency', ms: 0, match: QUESTIONS });
  });
  afterAll(() => stage.close());

  const forget = (age: string) =>
    stage.db.$executeRaw(
      Prisma.sql`UPDATE ExchangeAccount SET equityAt = UTC_TIMESTAMP(3) - INTERVAL ${Prisma.raw(age)}
        WHERE tenantId = ${stage.tenantId}`,
    );

  async function questions(): Promise<number> {
    const { faults } = await stage.control<{ faults: { id: string; seen: number }[] }>('faults');
    return faults.find(({ id }) => id === 'count')?.seen ?? 0;
  }

  async function play(fields: Record<string, unknown>) {
    const id = await stage.send(fields);
    await worker.copy(id);
    return stage.trades(id);
  }
  const statuses = async (fields: Record<string, unknown>) => (await play(fields)).map(({ status }) => status);
  const ALL_FILLED = Array.from({ length: 6 }, () => 'filled');

  it('asks nobody while it is known', async () => {
    await forget('14 MINUTE');
    expect(await statuses(OPEN)).toEqual(ALL_FILLED);
    expect(await questions()).toBe(0);
    expect(await statuses({ action: 'close' })).toEqual(ALL_FILLED);
  });

  it('asks for each once instead of denying it', async () => {
    await forget('16 MINUTE');
    expect(await statuses(OPEN)).toEqual(ALL_FILLED);
    expect(await questions()).toBe(6);
    expect(await statuses({ action: 'close' })).toEqual(ALL_FILLED);
    expect(await questions()).toBe(6);
  });

  it('asks again while the venue is away for a moment, and once only who is told that nothing is told', async () => {
    await forget('16 MINUTE');
    await stage.control('faults', { kind: 'drop', when: 'before', match: QUESTIONS, count: 8 });
    expect(await statuses(OPEN)).toEqual(ALL_FILLED);
    expect(await statuses({ action: 'close' })).toEqual(ALL_FILLED);
    await forget('16 MINUTE');
    await stage.control('faults', { kind: 'refuse', code: '50113', match: QUESTIONS });
    const before = await questions();
    expect(await statuses(OPEN)).toEqual(Array.from({ length: 6 }, () => 'denied'));
    expect((await questions()) - before).toBe(6);
  });

  it('asks once for an account that follows twice', async () => {
    const {
      id: _,
      symbols: __,
      ...strategy
    } = await stage.db.strategy.findUniqueOrThrow({
      where: { id: stage.strategyId },
    });
    const second = newId();
    await stage.db.strategy.create({ data: { ...strategy, id: second, name: 'Another one of this source' } });
    const [first] = await stage.db.subscription.findMany({ where: { accountId: followers[0]?.accountId } });
    if (first === undefined) throw new Error('no subscription');
    await stage.db.subscription.create({ data: { ...first, id: newId(), strategyId: second } });
    await forget('1 DAY');
    expect(await statuses(OPEN)).toEqual([...ALL_FILLED, 'filled']);
    expect(await questions()).toBe(6);
    expect(await statuses({ action: 'close' })).toEqual([...ALL_FILLED, 'filled']);
    await stage.db.subscription.deleteMany({ where: { strategyId: second } });
  });

  it('denies those whose venue does not say it, and nobody else', async () => {
    const mute = followers[3];
    const match = { ...QUESTIONS, account: mute?.venueAccount };
    await stage.control('faults', { id: 'mute', kind: 'hold-answer', ms: 60_000, match });
    await forget('1 DAY');
    const trades = await play(OPEN);
    expect(trades.filter(({ status }) => status === 'filled')).toHaveLength(5);
    expect(trades.find(({ accountId }) => accountId === mute?.accountId)).toMatchObject({
      status: 'denied',
      code: 'EQUITY_UNKNOWN',
    });
    await play({ action: 'close' });
  });

  it('does not ask for the sake of a close', async () => {
    await play(OPEN);
    const before = await questions();
    await forget('1 DAY');
    expect(await statuses({ action: 'close' })).toEqual(ALL_FILLED);
    expect(await questions()).toBe(before);
  });
});
