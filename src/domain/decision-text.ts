import type { RiskCheck } from './risk/types';
import type { ArithmeticStep } from './sizing';

/*
 * A receipt's arithmetic and rules as one text each: written for every follower of every signal before the first order leaves, where
 * lists of lists, with a quote around each word, took longer to write, to send and to unfold than everything else in their rows.
 */

/** Between the members of an entry, and between entries. Neither is in any text that sizing or a rule writes. */
const MEMBER = '¦';
const ENTRY = '¶';
/** Fourth member of a check that denied. */
const DENIED = '0';

export function stepsText(steps: readonly ArithmeticStep[]): string {
  let text = '';
  for (const { label, expression, value } of steps) {
    text += `${text === '' ? '' : ENTRY}${label}${MEMBER}${expression}${MEMBER}${value}`;
  }
  return text;
}

export function checksText(checks: readonly RiskCheck[]): string {
  let text = '';
  for (const { rule, value, limit, passed } of checks) {
    text += `${text === '' ? '' : ENTRY}${rule}${MEMBER}${value}${MEMBER}${limit}`;
    if (!passed) text += `${MEMBER}${DENIED}`;
  }
  return text;
}

function entriesOf(text: string): readonly (readonly string[])[] {
  return text === '' ? [] : text.split(ENTRY).map((entry) => entry.split(MEMBER));
}

/** What `stepsText` made a text of. */
export function stepsOf(text: string) {
  return entriesOf(text).map(([label = '', expression = '', value = '']) => ({ label, expression, value }));
}

/** What `checksText` made a text of. */
export function checksOf(text: string) {
  return entriesOf(text).map(([rule = '', value = '', limit = '', denied]) => ({
    rule,
    value,
    limit,
    passed: denied !== DENIED,
  }));
}
