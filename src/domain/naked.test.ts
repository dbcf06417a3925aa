import { describe, expect, it } from 'vitest';
import { isNaked, NAKED_AFTER } from './naked';

describe('a position without what it should have', () => {
  const after = NAKED_AFTER + 1;

  it.each([
    ['just now', { lasted: NAKED_AFTER, unhinderedFor: null, hindered: false }, false],
    ['for too long', { lasted: after, unhinderedFor: null, hindered: false }, true],
    ['for long, while something keeps it so', { lasted: 10 * after, unhinderedFor: 0, hindered: true }, false],
    ['for long, and free to be mended just now', { lasted: 10 * after, unhinderedFor: 5_000, hindered: false }, false],
    [
      'for long, and free to be mended for too long',
      { lasted: 10 * after, unhinderedFor: after, hindered: false },
      true,
    ],
    ['just now, and free long before', { lasted: 5_000, unhinderedFor: 10 * after, hindered: false }, false],
  ] as const)('%s', (_how, lack, expected) => expect(isNaked(lack)).toBe(expected));
});
