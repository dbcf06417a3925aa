import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantClient } from '@/platform/database/database';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { ingestSignal } from '../signals/ingest';
import { leaveLane } from './left-lane';

let stage: Stage;
let worker: StageWorker;
let follower: StageFollower;
let start: number;

beforeEach(async () => {
  start = Date.now() - 20_000;
  stage = await Stage.open();
  await stage.db.signalSource.updateMany({ data: { maxLagMs: 600_000 } });
  const [added] = await stage.addFollowers([{ followRatio: '0.1' }]);
  if (added === undefined) throw new Error('no follower');
  follower = added;
  worker = await stage.worker();
});
afterEach(() => stage.close());

/** Times of senders, s after one that is a while ago. */
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

/** How a signal ended, what became of the follower's orders, and what he holds then at the venue, contracts. */
async function copied(signalId: string): Promise<string> {
  await worker.copy(signalId);
  const { status, rejectCode } = await stage.signal(signalId);
  const trades = await stage.trades(signalId);
  const shown = trades.map(({ leg, code, status: state }) => `${leg} ${code ?? state}`);
  return [rejectCode ?? status, ...shown, await stage.venueHeld(follower)].join(', ');
}

const native = async (seconds: number, fields: Readonly<Record<string, unknown>>) =>
  copied(await stage.send({ timestamp: at(seconds), ...fields }));
const target = (seconds: number, value: string) =>
  native(seconds, { action: 'target', quantity: { unit: 'base', value } });

async function posted(body: Readonly<Record<string, unknown>>): Promise<string> {
  const { signalId } = await ingestSignal(stage.ingestDeps(), stage.incoming(JSON.stringify(body), 'text/plain'));
  return copied(signalId);
}

const strategy = (seconds: number, action: string, position: string, size: string, before: [string, string] | null) =>
  posted({
    secret: 'any',
    bot_uuid: 'any',
    timestamp: at(seconds),
    tv_instrument: 'BTCUSDT.P',
    action,
    strategy_info: {
      market_position: position,
      market_position_size: size,
      ...(before === null ? {} : { prev_market_position: before[0], prev_market_position_size: before[1] }),
    },
  });

describe('a signal that comes late', () => {
  it('does not enter again what a newer one has left, and everybody gets a receipt that says why', async () => {
    expect(await target(1, '2')).toBe('done, open filled, 20');
    expect(await target(3, '0')).toBe('done, close filled, 0');
    expect(await target(2, '2')).toBe('done, open OUT_OF_ORDER, 0');
    const denied = await stage.db.trade.findFirstOrThrow({ where: { code: 'OUT_OF_ORDER' } });
    expect(denied).toMatchObject({ status: 'denied', detail: { sentAt: at(2), last: at(3) } });
    expect(await target(4, '1')).toBe('done, open filled, 10');
  });

  it('closes what it leaves, and opens nothing on the other side', async () => {
    await target(3, '2');
    expect(await target(2, '-1')).toBe('done, close filled, open OUT_OF_ORDER, 0');
    expect(await stage.db.signalLane.findFirst()).toMatchObject({ leaderSide: null });
    expect(await worker.leave()).toEqual([]);
  });

  it('is carried out where it is an exit', async () => {
    await target(3, '2');
    expect(await native(2, { action: 'close' })).toBe('done, close filled, 0');
    expect(await target(2, '1')).toBe('done, open OUT_OF_ORDER, 0');
  });

  it('does not move stop-loss and take-profit back', async () => {
    await native(1, { action: 'target', quantity: { unit: 'base', value: '2' }, stopLoss: { percent: '5' } });
    expect(await native(5, { action: 'protect', stopLoss: { percent: '10' } })).toBe('done, 20');
    expect(await native(4, { action: 'protect', stopLoss: { percent: '20' } })).toBe('OUT_OF_ORDER, 20');
    expect((await stage.db.protection.findFirstOrThrow()).stopShare?.toFixed()).toBe('0.1');
    expect(await target(6, '0')).toContain('close filled');
  });
});

describe('of two signals of one time', () => {
  it('the one that leaves wins, in whatever order they come', async () => {
    await target(1, '2');
    expect(await target(2, '0')).toBe('done, close filled, 0');
    expect(await target(2, '2')).toBe('done, open OUT_OF_ORDER, 0');
    expect(await target(3, '2')).toBe('done, open filled, 20');
    expect(await target(4, '3')).toBe('done, open filled, 30');
    expect(await target(4, '0')).toBe('done, close filled, 0');
  });

  it('three parts of an exit are three', async () => {
    await target(1, '2');
    const exit = (position_size: string) =>
      posted({ id: 'TP', timestamp: at(2), action: 'sell', symbol: 'BTCUSDT.P', position_size });
    expect(await exit('1')).toBe('done, close filled, 10');
    expect(await exit('0.5')).toBe('done, close filled, 5');
    expect(await exit('0')).toBe('done, close filled, 0');
  });
});

describe('a strategy that says where it stood before', () => {
  it('opens nothing where it did not stand there by its signals', async () => {
    expect(await strategy(1, 'buy', 'long', '3', ['long', '2'])).toBe('done, open POSITION_MISMATCH, 0');
    expect(await strategy(2, 'buy', 'long', '1', ['flat', '0'])).toBe('done, open filled, 10');
    expect(await strategy(3, 'buy', 'long', '3', ['long', '2'])).toBe('done, open POSITION_MISMATCH, 10');
    expect(await strategy(4, 'sell', 'long', '1', ['long', '3'])).toBe('done, 10');
    expect(await strategy(5, 'sell', 'long', '0.5', ['long', '2'])).toBe('done, close filled, 5');
    expect(await strategy(6, 'sell', 'flat', '0', ['long', '7'])).toBe('done, close filled, 0');
  });

  it('closes and opens at one time where one position begins where the other ended', async () => {
    await strategy(1, 'buy', 'long', '2', ['flat', '0']);
    expect(await strategy(2, 'sell', 'flat', '0', ['long', '2'])).toBe('done, close filled, 0');
    expect(await strategy(2, 'sell', 'short', '1', ['flat', '0'])).toBe('done, open filled, -10');
  });
});

describe('an exit that meets a flat book', () => {
  it('opens nothing', async () => {
    expect(await strategy(1, 'sell', 'long', '1', null)).toBe('done, open EXIT_ONLY, 0');
    expect(await strategy(2, 'sell', 'long', '1', ['long', '2'])).toBe('done, open EXIT_ONLY, 0');
    const body = { timestamp: at(3), symbol: 'BTCUSDT.P', contracts: '0.5' };
    expect(await posted({ ...body, action: 'buy', position_size: '-0.5' })).toBe('done, open EXIT_ONLY, 0');
    expect(await posted({ ...body, action: 'close_long' })).toBe('done, close NO_POSITION, 0');
  });
});

describe('a lane whose leader has left by a signal that could not be copied', () => {
  it('is not filled again by what was sent before', async () => {
    await target(1, '2');
    const left = {
      sourceId: stage.sourceId,
      instrumentId: 'okx:BTC-USDT-SWAP',
      side: null,
      sentAt: start + 3000,
    };
    await stage.db.$transaction((tx) =>
      leaveLane(tx as unknown as TenantClient, stage.tenantId, left, new Date(start + 3000)),
    );
    expect(await target(2, '3')).toBe('done, open OUT_OF_ORDER, 20');
    expect(await stage.db.signalLane.findFirst()).toMatchObject({ leaderSide: null });
  });
});
