import type { RiskCheck } from './risk/types';
import type { ArithmeticStep } from './sizing';

/*
 * A receipt's arithmetic and rules as one JSON object of two texts, without lists and without a quote around each word: written for
 * every follower of every signal before the first order leaves. Most of it is the same for all of them, so it is given in pieces.
 */

/** Between the members of an entry, and between entries. Neither is in any text that sizing or a rule writes. */
const MEMBER = '¦';
const ENTRY = '¶';
/** Fourth member of a check that denied. */
const DENIED = '0';

/** What is kept of a decision: the receipt's arithmetic and rules, and the debts to keep if it stands. */
export type KeptDecision = {
  readonly steps: readonly ArithmeticStep[];
  readonly checks: readonly RiskCheck[];
  /** Null where the decision says nothing about the side that the follower holds. */
  readonly debtAfter: string | null;
  /** What was owed before an order: it is owed again when the order turns out never to have been. Null: no more than after it. */
  readonly debtBefore: string | null;
};

/** A text of literals and values by turns: one literal more than values. */
export type DecisionPieces = { readonly literals: readonly string[]; readonly values: readonly string[] };

/** Decisions of one form differ in their values only. */
type Form = { readonly of: KeptDecision; readonly literals: readonly string[] };
/** More forms than these are not looked for: their decisions are pieces of their own. */
const MOST_FORMS = 8;

/** Makes the texts of many decisions; those of one form share their literals, the very same list. */
export class DecisionTexts {
  readonly #forms: Form[] = [];
  #lastRaw: readonly string[] = [];
  #last: readonly string[] = [];

  of(decision: KeptDecision): DecisionPieces {
    const raw = valuesOf(decision);
    let values = raw;
    for (let index = 0; index < raw.length; index += 1) {
      const value = raw[index] ?? '';
      // Mostly it is what stood here before, and nothing is to be escaped.
      const text = value === this.#lastRaw[index] ? (this.#last[index] ?? '') : escaped(value);
      if (text === value) continue;
      if (values === raw) values = raw.slice();
      values[index] = text;
    }
    this.#lastRaw = raw;
    this.#last = values;
    return { literals: this.#formOf(decision).literals, values };
  }

  #formOf(decision: KeptDecision): Form {
    for (const form of this.#forms) if (isSameForm(form.of, decision)) return form;
    const form = { of: decision, literals: literalsOf(decision) };
    if (this.#forms.length < MOST_FORMS) this.#forms.push(form);
    return form;
  }
}

function isSameForm(a: KeptDecision, b: KeptDecision): boolean {
  if (a.steps.length !== b.steps.length || a.checks.length !== b.checks.length) return false;
  if ((a.debtAfter === null) !== (b.debtAfter === null) || (a.debtBefore === null) !== (b.debtBefore === null)) {
    return false;
  }
  for (let index = 0; index < a.steps.length; index += 1) {
    if (a.steps[index]?.label !== b.steps[index]?.label) return false;
  }
  for (let index = 0; index < a.checks.length; index += 1) {
    const [one, other] = [a.checks[index], b.checks[index]];
    if (one?.rule !== other?.rule || one?.passed !== other?.passed) return false;
  }
  return true;
}

function literalsOf({ steps, checks, debtAfter, debtBefore }: KeptDecision): readonly string[] {
  const literals: string[] = [];
  let text = '{"steps":"';
  steps.forEach(({ label }, index) => {
    literals.push(`${text}${index === 0 ? '' : ENTRY}${label}${MEMBER}`, MEMBER);
    text = '';
  });
  text += '","checks":"';
  checks.forEach(({ rule, passed }, index) => {
    literals.push(`${text}${index === 0 ? '' : ENTRY}${rule}${MEMBER}`, MEMBER);
    text = passed ? '' : `${MEMBER}${DENIED}`;
  });
  text += '"';
  if (debtAfter !== null) {
    literals.push(`${text},"debtAfter":"`);
    text = '"';
  }
  if (debtBefore !== null) {
    literals.push(`${text},"debtBefore":"`);
    text = '"';
  }
  literals.push(`${text}}`);
  return literals;
}

function valuesOf({ steps, checks, debtAfter, debtBefore }: KeptDecision): string[] {
  const values: string[] = [];
  for (const { expression, value } of steps) values.push(expression, value);
  for (const { value, limit } of checks) values.push(value, limit);
  if (debtAfter !== null) values.push(debtAfter);
  if (debtBefore !== null) values.push(debtBefore);
  return values;
}

/** What a JSON text cannot hold as it is. */
const NEEDS_ESCAPE = /["\\\p{Cc}]/u;

function escaped(value: string): string {
  return NEEDS_ESCAPE.test(value) ? JSON.stringify(value).slice(1, -1) : value;
}

function entriesOf(text: string): readonly (readonly string[])[] {
  return text === '' ? [] : text.split(ENTRY).map((entry) => entry.split(MEMBER));
}

/** The arithmetic in a decision's text. */
export function stepsOf(text: string) {
  return entriesOf(text).map(([label = '', expression = '', value = '']) => ({ label, expression, value }));
}

/** The rules in a decision's text. */
export function checksOf(text: string) {
  return entriesOf(text).map(([rule = '', value = '', limit = '', denied]) => ({
    rule,
    value,
    limit,
    passed: denied !== DENIED,
  }));
}
