import { describe, expect, it } from 'vitest';
import { checksOf, DecisionTexts, type KeptDecision, stepsOf } from './decision-text';

const steps = [
  { label: 'risk_to_contracts', expression: '1000 × 0.01 ÷ (|60000 − 59000| × 0.01)', value: '1' },
  { label: 'rounded_to_lot', expression: '⌊1.005 ÷ 0.01⌋', value: '1' },
] as const;
const checks = [
  { rule: 'symbol_allowed', value: 'BTC-USDT-SWAP', limit: 'BTC-USDT-SWAP, ETH-USDT-SWAP', passed: true },
  { rule: 'order_cap', value: '∞', limit: '5%', passed: false },
] as const;
const decision: KeptDecision = { steps, checks, debtAfter: '0.003', debtBefore: '0' };

const textOf = (kept: KeptDecision, texts = new DecisionTexts()): string => {
  const { literals, values } = texts.of(kept);
  expect(literals).toHaveLength(values.length + 1);
  return literals.map((literal, index) => literal + (values[index] ?? '')).join('');
};
const read = (text: string) => {
  const { steps: stepsText, checks: checksText, ...debts } = JSON.parse(text);
  return { steps: stepsOf(stepsText), checks: checksOf(checksText), ...debts };
};

describe('the text of a decision', () => {
  it('gives back the arithmetic, the rules, which of them denied, and the debts', () => {
    expect(read(textOf(decision))).toEqual(decision);
  });

  it('says nothing of debts where there are none to keep', () => {
    expect(read(textOf({ ...decision, debtBefore: null }))).toEqual({ steps, checks, debtAfter: '0.003' });
    expect(read(textOf({ ...decision, debtAfter: null, debtBefore: null }))).toEqual({ steps, checks });
  });

  it('is whole where nothing was sized, and where nothing was asked', () => {
    expect(read(textOf({ ...decision, steps: [] }))).toEqual({ ...decision, steps: [] });
    const nothing = { steps: [], checks: [], debtAfter: null, debtBefore: null };
    expect(read(textOf(nothing))).toEqual({ steps: [], checks: [] });
  });

  it('holds what JSON has to escape, also after a value like it', () => {
    const texts = new DecisionTexts();
    const problem = { ...checks[0], value: 'a "quoted" \\ code\n' };
    const odd = { ...decision, checks: [problem] };
    for (const kept of [odd, odd, decision, odd]) expect(read(textOf(kept, texts))).toEqual(kept);
  });

  it('shares its literals with those that differ in values only', () => {
    const texts = new DecisionTexts();
    const first = texts.of(decision);
    const denied = texts.of({ ...decision, checks: [checks[1]] });
    const other = texts.of({ ...decision, steps: steps.map((step) => ({ ...step, value: '2' })), debtAfter: '9' });
    expect(other.literals).toBe(first.literals);
    expect(other.values).not.toEqual(first.values);
    expect(denied.literals).not.toBe(first.literals);
  });

  it('is right for more forms than are shared', () => {
    const texts = new DecisionTexts();
    for (let count = 0; count < 12; count += 1) {
      const kept = { ...decision, checks: Array.from({ length: count }, () => checks[0]) };
      expect(read(textOf(kept, texts))).toEqual(kept);
    }
  });
});
