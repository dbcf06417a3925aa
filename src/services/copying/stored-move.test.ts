import { describe, expect, it } from 'vitest';
import { dec } from '@/domain/decimal';
import { NO_TIMES } from '@/domain/signal-order';
import { readLaneTimes } from './lane-times';
import type { DecidedMove } from './plan';
import { begunPlan, toStoredMove } from './stored-move';

const BEFORE = { side: 'long', quantity: '2' } as const;
const NEXT = { strategyId: 's', accountId: 'a' };
const MOVE: DecidedMove = {
  legs: [
    { kind: 'close', side: 'long', share: dec(1) },
    { kind: 'open', side: 'short', quantity: dec(3), percentBalance: null },
  ],
  bookAfter: { side: null, quantity: '0' },
  leaderPrice: dec('50000.5'),
  leaderLeverage: dec(10),
  refusal: { code: 'OUT_OF_ORDER', context: { symbol: 'BTC-USDT-SWAP' } },
  movesLevels: false,
  times: { ...NO_TIMES, moved: 10, left: 10, leftSide: 'long', leftAsStated: true },
};

/** As the column gives it back. */
const stored = (move: DecidedMove) => JSON.parse(JSON.stringify(toStoredMove(BEFORE, move, NEXT))) as object;

describe('a move that is half planned', () => {
  it('is taken over as it was decided, its refusal and its times with it', () => {
    expect(begunPlan(stored(MOVE))).toEqual({ move: MOVE, before: BEFORE, next: NEXT });
  });

  it('that an earlier version decided refuses nothing and leaves the times as they are', () => {
    const { order: _order, ...old } = stored(MOVE) as { order: unknown };
    expect(begunPlan(old)?.move).toMatchObject({ refusal: null, movesLevels: true, times: null });
  });
});

describe('the times of a lane', () => {
  it('come back as they were written', () => {
    expect(readLaneTimes(JSON.stringify(MOVE.times))).toEqual(MOVE.times);
  });

  it.each([null, '{}', '{"moved":"x"}', '[]'])('are none where %s stands in the row', (text) => {
    expect(readLaneTimes(text)).toEqual(NO_TIMES);
  });
});
