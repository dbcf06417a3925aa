import { describe, expect, it } from 'vitest';
import { checksOf, checksText, stepsOf, stepsText } from './decision-text';

const steps = [
  { label: 'risk_to_contracts', expression: '1000 × 0.01 ÷ (|60000 − 59000| × 0.01)', value: '1' },
  { label: 'rounded_to_lot', expression: '⌊1.005 ÷ 0.01⌋', value: '1' },
] as const;
const checks = [
  { rule: 'symbol_allowed', value: 'BTC-USDT-SWAP', limit: 'BTC-USDT-SWAP, ETH-USDT-SWAP', passed: true },
  { rule: 'order_cap', value: '∞', limit: '5%', passed: false },
] as const;

describe('the text of a decision', () => {
  it('gives back the arithmetic that it was made of', () => {
    expect(stepsOf(stepsText(steps))).toEqual(steps);
  });

  it('gives back the rules, and which of them denied', () => {
    expect(checksOf(checksText(checks))).toEqual(checks);
  });

  it('is empty for none', () => {
    expect(stepsOf(stepsText([]))).toEqual([]);
    expect(checksOf(checksText([]))).toEqual([]);
  });

  it('needs no escaping in JSON', () => {
    const text = stepsText(steps) + checksText(checks);
    expect(JSON.stringify(text)).toBe(`"${text}"`);
  });
});
