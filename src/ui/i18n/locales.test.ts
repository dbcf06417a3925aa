import { describe, expect, it } from 'vitest';
import { preferredLocale } from './locales';

describe('preferredLocale', () => {
  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB,en;q=0.9,zh;q=0.5', 'en'],
    ['de-DE,de;q=0.9,zh-TW;q=0.7,en;q=0.3', 'zh'],
    ['fr', 'en'],
    ['zh;q=0,en', 'en'],
    [null, 'en'],
  ])('answers the best of %s', (header, locale) => {
    expect(preferredLocale(header)).toBe(locale);
  });
});
