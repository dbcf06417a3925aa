import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EffectPlane, OPEN_PLANE } from '@/platform/effects';
import { Stage, until, type WorkerOptions } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from './timings';
import { unfoldPlan } from './written-plan';

const ORDER = { method: 'POST', path: '/api/v5/trade/order' };
/** A limit order away from the market: its acceptance is all that is ever learnt about it. */
const RESTING = {
  action: 'open',
  side: 'long',
  quantity: { unit: 'base', value: '1' },
  orderType: 'limit',
  limitPrice: '59000',
};

let stage: Stage;
let statements: string[];
/** What happens right before and right after a statement. */
let before: (name: string) => Promise<void>;
let after: (name: string) => void;
const watching: EffectPlane = {
  ...OPEN_PLANE,
  async perform(effect, act) {
    if (effect.kind !== 'venue') {
      statements.push(effect.name);
      await before(effect.name);
    }
    const answer = await act();
    if (effect.kind !== 'venue') after(effect.name);
    return answer;
  },
};

beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}, {}]);
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
  statements = [];
  before = async () => undefined;
  after = () => undefined;
});
afterEach(() => stage.close());

function worker({ answersWithin = 10_000, ...options }: Partial<WorkerOptions & { answersWithin: number }> = {}) {
  return stage.worker({
    streams: false,
    ...options,
    effects: watching,
    timings: { ...EXECUTION_TIMINGS, answersWithin },
  });
}

const updatesOfTrades = (): string[] => statements.filter((name) => /^UPDATE (JSON_TABLE|`?Trade)/.test(name));
const standing = async (signalId: string) =>
  (await stage.db.trade.findMany({ where: { signalId } })).map(({ status, attempts, venueOrderId }) => ({
    status,
    attempts,
    known: venueOrderId !== null,
  }));
const LIVE = { status: 'live', attempts: 1, known: true };

describe('the trades of a signal', () => {
  it('are written once, with the answers of the venue', async () => {
    const { copy } = await worker();
    const id = await stage.send(RESTING);
    await copy(id);
    expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
    expect(updatesOfTrades()).toEqual([]);
  });

  it('become rows without an answer that takes too long, which is written when it comes', async () => {
    const { copy } = await worker({ answersWithin: 0 });
    const account = stage.followers[0]?.venueAccount;
    await stage.control('faults', { kind: 'hold-answer', ms: 1000, match: { ...ORDER, account }, count: 1 });
    const id = await stage.send(RESTING);
    const copied = copy(id);
    await until(async () => (await standing(id)).length === 3, 'rows');
    expect((await standing(id)).map(({ status }) => status)).toContain('planned');
    await copied;
    expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
  });

  it('are written once where each answer takes its time after the one before it', async () => {
    const { copy } = await worker({ answersWithin: 1500 });
    const [, second, third] = stage.followers.map(({ venueAccount }) => venueAccount);
    await stage.control('faults', { kind: 'hold-answer', ms: 900, match: { ...ORDER, account: second }, count: 1 });
    await stage.control('faults', { kind: 'hold-answer', ms: 1800, match: { ...ORDER, account: third }, count: 1 });
    const id = await stage.send(RESTING);
    await copy(id);
    expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
    expect(updatesOfTrades()).toEqual([]);
  });

  it('get their answers also where somebody else needed the rows before', async () => {
    const { copy } = await worker();
    const id = await stage.send(RESTING);
    before = async (name) => {
      if (!/UPDATE WrittenPlan/.test(name)) return;
      before = async () => undefined;
      await unfoldPlan(stage.database.statements, stage.tenantId, id);
    };
    await copy(id);
    expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
  });

  it('get their answers also where these could not be written beside the plan', async () => {
    const { copy } = await worker();
    const id = await stage.send(RESTING);
    before = async (name) => {
      if (/UPDATE WrittenPlan/.test(name)) throw new Error('the database was away for a moment');
    };
    await copy(id);
    expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
  });

  it('get their answers although the database does not say that it has written them', async () => {
    for (const lost of [/^UPDATE WrittenPlan/, /^COMMIT/]) {
      const { copy } = await worker();
      const id = await stage.send({ ...RESTING, limitPrice: '58000' });
      let beside = false;
      let wasLost = false;
      after = (name) => {
        beside ||= /^UPDATE WrittenPlan/.test(name);
        if (!beside || !lost.test(name)) return;
        after = () => undefined;
        wasLost = true;
        throw new Error('the answer was lost');
      };
      await copy(id);
      expect(wasLost).toBe(true);
      expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
    }
  });

  it('get their answers although some of them became rows before the others were written', async () => {
    const { copy } = await worker({ slices: { first: 1, growth: 1, most: 1, part: 1 } });
    const id = await stage.send(RESTING);
    let parts = 0;
    before = async (name) => {
      if (!/^INSERT INTO WrittenPlan/.test(name)) return;
      parts += 1;
      if (parts === 2) await unfoldPlan(stage.database.statements, stage.tenantId, id);
    };
    await copy(id);
    expect(parts).toBe(3);
    expect(await standing(id)).toEqual([LIVE, LIVE, LIVE]);
  });

  it('keep what a push told right after the answer', async () => {
    const { copy } = await worker({ streams: true });
    const id = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
    await copy(id);
    expect((await standing(id)).map(({ status, attempts }) => ({ status, attempts }))).toEqual(
      [1, 2, 3].map(() => ({ status: 'filled', attempts: 1 })),
    );
  });
});
