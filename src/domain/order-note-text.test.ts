import { describe, expect, it } from 'vitest';
import { DENIAL_LOCALES } from './denial-text';
import { CREDENTIALS_UNREADABLE, FOUND_AT_VENUE, LEVERAGE_CHANGED, orderNote } from './order-note-text';

describe('orderNote', () => {
  it('says what an order had been taken for', () => {
    const context = { endedAs: 'expired', endedCode: 'STALE_SIGNAL' };
    expect(orderNote(FOUND_AT_VENUE, context, 'en')).toBe(
      'The venue has this order, although it counted as never placed (STALE_SIGNAL). What it filled is booked.',
    );
    expect(orderNote(FOUND_AT_VENUE, context, 'zh')).toContain('未曾送达（STALE_SIGNAL）');
  });

  it('has a sentence in every language, also without its figures, and none for other codes', () => {
    for (const locale of DENIAL_LOCALES) {
      for (const code of [FOUND_AT_VENUE, CREDENTIALS_UNREADABLE, LEVERAGE_CHANGED]) {
        expect(orderNote(code, {}, locale)).toMatch(locale === 'zh' ? /。$/ : /\.$/);
      }
      expect(orderNote('51008', {}, locale)).toBeNull();
    }
  });
});
