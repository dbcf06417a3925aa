import { describe, expect, it } from 'vitest';
import { countReceipts, receiptState } from './receipt';

const trade = (status: Parameters<typeof receiptState>[0][number]['status'], filled = false) => ({ status, filled });

describe('receiptState', () => {
  it('is what needs most attention of its trades', () => {
    expect(receiptState([trade('filled', true), trade('unknown')])).toBe('unknown');
    expect(receiptState([trade('filled', true), trade('rejected')])).toBe('rejected');
    expect(receiptState([trade('filled', true), trade('live')])).toBe('open');
    expect(receiptState([trade('filled', true)])).toBe('filled');
  });

  it('counts a cancelled order by what it filled', () => {
    expect(receiptState([trade('canceled', true)])).toBe('partial');
    expect(receiptState([trade('filled', true), trade('canceled', true)])).toBe('partial');
    expect(receiptState([trade('canceled')])).toBe('rejected');
  });
});

describe('receiptState of a follower with a stop order', () => {
  const stop = (status: Parameters<typeof trade>[0], filled = false) => ({
    leg: 'stop' as const,
    ...trade(status, filled),
  });

  it('is that of his order, whatever becomes of the stop', () => {
    for (const status of ['live', 'filled', 'canceled', 'rejected', 'unknown', 'planned'] as const) {
      expect(receiptState([trade('filled', true), stop(status)])).toBe('filled');
    }
    expect(receiptState([trade('live'), stop('live')])).toBe('open');
  });

  it("is the stop's own where the signal only set it", () => {
    expect(receiptState([stop('live')])).toBe('open');
    expect(receiptState([stop('canceled')])).toBe('filled');
    expect(receiptState([stop('rejected')])).toBe('rejected');
    expect(receiptState([stop('unknown'), stop('rejected')])).toBe('unknown');
  });
});

describe('countReceipts', () => {
  it('counts followers, not trades', () => {
    const counts = countReceipts([
      { subscriptionId: 'a', ...trade('filled', true) },
      { subscriptionId: 'a', ...trade('planned') },
      { subscriptionId: 'b', ...trade('denied') },
      { subscriptionId: 'c', ...trade('filled', true) },
    ]);
    expect(counts).toEqual({ total: 3, filled: 1, partial: 0, open: 1, denied: 1, rejected: 0, unknown: 0 });
  });
});
