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
    expect(receiptState([trade('canceled', true)])).toBe('filled');
    expect(receiptState([trade('canceled')])).toBe('rejected');
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
    expect(counts).toEqual({ total: 3, filled: 1, open: 1, denied: 1, rejected: 0, unknown: 0 });
  });
});
