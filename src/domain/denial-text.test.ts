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

  it.each([
    [{ minimumRatio: '0.2' }, 'from a follow ratio of 0.2 a move like this is copied without skips.'],
    [{ minimumValue: '5' }, 'from a size of 5 USDT a move like this is copied without skips.'],
    [
      { minimumValue: '0.01', valueUnit: 'contracts' },
      'from a size of 0.01 contracts a move like this is copied without skips.',
    ],
    [
      { minimumBalance: '140', cap: 'ORDER_CAP', capMaximum: '5%' },
      'from 140 USDT a move like this is copied without skips: one order may use 5% of the equity.',
    ],
    [
      { minimumBalance: '140', cap: 'SYMBOL_EXPOSURE', capMaximum: '30%', steady: 'no' },
      '140 USDT is the smallest balance that copies a move like this, and a larger one may not: one instrument may use 30% of the equity.',
    ],
    [
      { scalesWith: 'equity', cap: 'TOTAL_EXPOSURE', capMaximum: '50%' },
      'no balance copies a move like this: all positions together may use 50% of the equity.',
    ],
    [
      { scalesWith: 'ratio', cap: 'INSUFFICIENT_BALANCE' },
      'no follow ratio copies a move like this with this balance: too little margin is free.',
    ],
    [{}, 'it is added to the next one.'],
  ])('says from when on a small move is copied, or which cap is in the way: %o', (figures, end) => {
    const context = { wanted: '0.004', minimum: '0.01', currency: 'BTC', venue: 'okx', ...figures };
    const head = "Order 0.004 BTC is under OKX's minimum 0.01; ";
    expect(denialSentence('BELOW_MINIMUM', context, 'en')).toBe(`${head}${end}`);
    const chinese = denialSentence('BELOW_MINIMUM', context, 'zh');
    for (const value of Object.values({ ...figures, cap: '', valueUnit: '', scalesWith: '', steady: '' })) {
      expect(chinese).toContain(value);
    }
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
