import { describe, expect, it } from 'vitest';
import { BALANCE_ASKED_AFTER, BALANCE_OLD_AFTER, BALANCE_VALID_FOR, isWorthWriting } from './balance-age';

const BEFORE = { equity: '10000', available: '5000' };

describe('isWorthWriting', () => {
  it.each([
    ['the first balance at all', null, BEFORE, 0, true],
    ['the same one at once', BEFORE, BEFORE, 59_999, false],
    ['the same one after a minute', BEFORE, BEFORE, 60_000, true],
    ['a small change at once', BEFORE, { equity: '10010', available: '4990' }, 9_999, false],
    ['a small change after ten seconds', BEFORE, { equity: '10010', available: '5000' }, 10_000, true],
    ['more equity at once', BEFORE, { equity: '10010.1', available: '5000' }, 0, true],
    ['less that is free at once', BEFORE, { equity: '10000', available: '4989.9' }, 0, true],
    ['an account that was emptied', BEFORE, { equity: '0', available: '0' }, 0, true],
    ['an account that was filled', { equity: '0', available: '0' }, BEFORE, 0, true],
  ])('says of %s what is right', (_what, written, told, elapsed, worth) => {
    expect(isWorthWriting(written, told, elapsed)).toBe(worth);
  });
});

describe('the ages of a balance', () => {
  it('leave time to ask before it is shown as old, and much more before it is relied on no longer', () => {
    expect(BALANCE_ASKED_AFTER).toBeLessThan(BALANCE_OLD_AFTER);
    expect(BALANCE_VALID_FOR - BALANCE_ASKED_AFTER).toBeGreaterThan(10 * 60_000);
  });
});
