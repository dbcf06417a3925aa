import { describe, expect, it } from 'vitest';
import { dec, toText } from './decimal';
import { effectiveLeverage, highestLeverage, isUnderOne } from './leverage';

const none = {
  strategyDefault: dec(10),
  strategyMax: null,
  customerMax: null,
  subscriptionMax: null,
  othersHeld: null,
  venueMax: dec(100),
};

describe('effectiveLeverage', () => {
  it('does not lever up what other strategies hold in the same account', () => {
    expect(toText(effectiveLeverage({ ...none, requested: dec(20), othersHeld: dec(4) }))).toBe('4');
    expect(toText(effectiveLeverage({ ...none, requested: dec(3), othersHeld: dec(4) }))).toBe('3');
  });

  it('is the smallest of what is wanted and of every limit', () => {
    expect(toText(effectiveLeverage({ ...none, requested: dec(20) }))).toBe('20');
    expect(toText(effectiveLeverage({ ...none, requested: null }))).toBe('10');
    expect(toText(effectiveLeverage({ ...none, requested: dec(20), customerMax: dec(5), strategyMax: dec(8) }))).toBe(
      '5',
    );
    expect(toText(effectiveLeverage({ ...none, requested: dec(20), subscriptionMax: dec(3) }))).toBe('3');
    expect(toText(effectiveLeverage({ ...none, requested: dec(200) }))).toBe('100');
  });

  it('may be as high as the smallest limit where it cannot be chosen', () => {
    expect(toText(highestLeverage({ ...none, requested: dec(3), customerMax: dec(5), strategyMax: dec(8) }))).toBe('5');
    expect(toText(highestLeverage({ ...none, requested: dec(3) }))).toBe('100');
  });

  it('has limits under one, which no order passes', () => {
    expect(toText(highestLeverage({ ...none, requested: null, customerMax: dec('0.5') }))).toBe('0.5');
    expect([dec('0.99'), dec(1), null].map(isUnderOne)).toEqual([true, false, false]);
  });

  it('is never under one', () => {
    expect(toText(effectiveLeverage({ ...none, requested: dec('0.5') }))).toBe('1');
  });
});
