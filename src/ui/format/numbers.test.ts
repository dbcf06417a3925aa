import { describe, expect, it } from 'vitest';
import {
  coinsOf,
  formatDecimal,
  formatDuration,
  formatMoney,
  formatPercent,
  formatPrice,
  scaleToBase,
  signOf,
} from './numbers';

describe('figures', () => {
  it('groups thousands and drops needless zeros', () => {
    expect(formatDecimal('1234567.500')).toBe('1,234,567.5');
    expect(formatDecimal('0.000000000000000001', { most: 18 })).toBe('0.000000000000000001');
    expect(formatDecimal('123456789012345678.123456789', { most: 9 })).toBe('123,456,789,012,345,678.123456789');
  });
  it('shows money with two decimals and signs only what is not zero', () => {
    expect(formatMoney('1234.5')).toBe('1,234.50');
    expect(formatMoney('12.345', true)).toBe('+12.35');
    expect(formatMoney('-12.345', true)).toBe('−12.35');
    expect(formatMoney('-0.001', true)).toBe('0.00');
  });
  it('shows prices at the tick, or by magnitude', () => {
    expect(formatPrice('50000', '0.1')).toBe('50,000.0');
    expect(formatPrice('50000.123456')).toBe('50,000.12');
    expect(formatPrice('1.23456')).toBe('1.2346');
    expect(formatPrice('0.0000123')).toBe('0.0000123');
  });
  it('shows fractions as percent', () => {
    expect(formatPercent('0.01234', { signed: true })).toBe('+1.23%');
    expect(formatPercent('-0.5')).toBe('−50%');
  });
  it('leaves text that is no decimal alone', () => {
    expect(formatDecimal('unknown')).toBe('unknown');
    expect(signOf('unknown')).toBe(0);
  });
  it('turns contracts into coins by a row that knows both', () => {
    expect(scaleToBase('5', { quantity: '10', quantityBase: '0.1' })).toBe('0.05');
    expect(scaleToBase('5', { quantity: '0', quantityBase: '0' })).toBeNull();
    expect(coinsOf('BTC-USDT-SWAP')).toEqual({ base: 'BTC', quote: 'USDT' });
  });
  it('shows durations in the unit that fits', () => {
    expect(formatDuration(83.6)).toBe('84 ms');
    expect(formatDuration(1240)).toBe('1.24 s');
    expect(formatDuration(125_000)).toBe('2 min 5 s');
  });
});
