import { describe, expect, it } from 'vitest';
import { explainMissing, isForced, type OutsideExecution, type OutsidePiece, sharePieces } from './closed-outside';
import { dec } from './decimal';

const REST = { code: 'CLOSED_ELSEWHERE', price: null, at: null } as const;

function execution(id: string, quantity: string, fields: Partial<OutsideExecution> = {}): OutsideExecution {
  return { id, code: 'CLOSED_BY_HAND', quantity: dec(quantity), price: dec(100), fee: dec('-0.8'), at: 1, ...fields };
}

const brief = (pieces: readonly OutsidePiece[]) =>
  pieces.map(
    ({ code, quantity, price, fee, executionId }) =>
      `${code} ${quantity.toFixed()} @ ${price?.toFixed() ?? '?'} ${fee.toFixed()} ${executionId}`,
  );

describe('what is missing', () => {
  it('is explained by the newest executions, in the order in which they happened', () => {
    const executions = [execution('c', '1'), execution('b', '2', { code: 'LIQUIDATED' }), execution('a', '5')];
    expect(brief(explainMissing(dec(4), executions, REST))).toEqual([
      'CLOSED_BY_HAND 1 @ 100 -0.16 a',
      'LIQUIDATED 2 @ 100 -0.8 b',
      'CLOSED_BY_HAND 1 @ 100 -0.8 c',
    ]);
  });

  it('is the rest where executions do not explain all', () => {
    const rest = { code: 'LIQUIDATED', price: dec(90), at: 7 } as const;
    expect(brief(explainMissing(dec(4), [execution('a', '1')], rest))).toEqual([
      'LIQUIDATED 3 @ 90 0 null',
      'CLOSED_BY_HAND 1 @ 100 -0.8 a',
    ]);
    expect(brief(explainMissing(dec(4), [], REST))).toEqual(['CLOSED_ELSEWHERE 4 @ ? 0 null']);
  });

  it('is shared among those who held it, to the last contract and the last part of a fee', () => {
    const pieces = explainMissing(dec(4), [execution('b', '3'), execution('a', '1', { code: 'LIQUIDATED' })], REST);
    const shares = sharePieces([dec('1.5'), dec(0), dec('2.5')], pieces);
    expect(shares.map(brief)).toEqual([
      ['LIQUIDATED 1 @ 100 -0.8 a', 'CLOSED_BY_HAND 0.5 @ 100 -0.133333333333333333 b'],
      [],
      ['CLOSED_BY_HAND 2.5 @ 100 -0.666666666666666667 b'],
    ]);
    expect(() => sharePieces([dec(5)], pieces)).toThrow(RangeError);
  });

  it('was forced where the venue closed any of it', () => {
    expect(isForced(explainMissing(dec(2), [execution('a', '1')], REST))).toBe(false);
    expect(isForced(explainMissing(dec(2), [execution('a', '1', { code: 'AUTO_DELEVERAGED' })], REST))).toBe(true);
  });
});
