import { describe, expect, it } from 'vitest';
import { DENIAL_LOCALES, denialSentence } from './denial-text';
import { DENIAL_CODES } from './risk/codes';

describe('denialSentence', () => {
  it('puts the numbers into the sentence', () => {
    const context = {
      wanted: '0.004',
      minimum: '0.01',
      currency: 'BTC',
      venue: 'okx',
      minimumBalance: '1250',
      settleCurrency: 'USDT',
    };
    expect(denialSentence('BELOW_MINIMUM', context, 'en')).toBe(
      "Order 0.004 BTC is under OKX's minimum 0.01; from 1250 USDT a move like this is copied without skips.",
    );
    expect(denialSentence('BELOW_MINIMUM', context, 'zh')).toContain('1250 USDT');
  });

  it('has a sentence for every code in every language, also without its numbers', () => {
    for (const locale of DENIAL_LOCALES) {
      for (const code of DENIAL_CODES) {
        const sentence = denialSentence(code, {}, locale);
        expect(sentence).toMatch(locale === 'zh' ? /。$/ : /\.$/);
        expect(sentence).not.toContain('undefined');
      }
    }
  });

  it('tells a kill switch in words that a customer has, too', () => {
    for (const scope of ['platform', 'tenant', 'strategy', 'customer']) {
      for (const level of ['halt', 'reduce_only', 'flatten']) {
        const sentences = DENIAL_LOCALES.map((locale) => denialSentence('KILL_SWITCH', { scope, level }, locale));
        expect(sentences.join(' ')).not.toMatch(/tenant|租户|kill switch|紧急|\?|_/i);
      }
    }
  });
});
