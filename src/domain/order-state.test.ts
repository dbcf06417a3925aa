import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canTransition,
  IllegalTransitionError,
  isTerminal,
  isUnplacedEnd,
  TRADE_STATUSES,
  type TradeStatus,
  transition,
} from './order-state';

fc.configureGlobal({ seed: 20_260_501 });

const status = fc.constantFrom(...TRADE_STATUSES);

describe('order state machine', () => {
  it('leaves a terminal state only for what the venue tells', () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        if (!isTerminal(from) || !canTransition(from, to)) return;
        if (from === 'canceled') expect(to).toBe('filled');
        else
          expect([isUnplacedEnd(from), ['live', 'partially_filled', 'filled', 'canceled'].includes(to)]).toEqual([
            true,
            true,
          ]);
      }),
    );
  });

  it.each(['rejected', 'expired'] as const)('takes whatever the venue says of an order that was %s', (from) => {
    for (const to of ['live', 'partially_filled', 'filled', 'canceled'] as const) expect(transition(from, to)).toBe(to);
  });

  it('throws exactly for the moves that the table lacks', () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        if (from === to || canTransition(from, to)) expect(transition(from, to)).toBe(to);
        else expect(() => transition(from, to)).toThrow(IllegalTransitionError);
      }),
    );
  });

  it('never goes back once the venue has the order', () => {
    const rank: Partial<Record<TradeStatus, number>> = { live: 1, partially_filled: 2, canceled: 3, filled: 4 };
    fc.assert(
      fc.property(status, status, (from, to) => {
        const before = rank[from];
        if (before === undefined || !canTransition(from, to)) return;
        expect(rank[to] ?? 0).toBeGreaterThan(before);
      }),
    );
  });

  it('never leaves denied, whatever is tried', () => {
    fc.assert(
      fc.property(fc.array(status), (moves) => {
        const end = moves.reduce<TradeStatus>((at, to) => (canTransition(at, to) ? transition(at, to) : at), 'denied');
        expect(end).toBe('denied');
      }),
    );
  });
});
