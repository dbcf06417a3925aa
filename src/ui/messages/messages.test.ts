import { describe, expect, it } from 'vitest';
import { PREFLIGHT_CHECKS } from '@/contracts/api/people';
import { DENIAL_CODES } from '@/domain/risk/codes';
import { RULE_NAMES } from '@/domain/risk/types';
import { ARITHMETIC_LABELS } from '@/domain/sizing';
import { MESSAGES } from '.';

type Tree = { readonly [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'string') found.set(path, value);
    else for (const [inner, text] of flatten(value, path)) found.set(inner, text);
  }
  return found;
}

/** Names of the values that a message takes. */
function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\s*(\w+)\s*[,}]/g)].map((match) => match[1] ?? ''))].sort();
}

const en = flatten(MESSAGES.en);
const zh = flatten(MESSAGES.zh);

describe('messages', () => {
  it('has the same keys in every language', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it('takes the same values in every language', () => {
    const differing = [...en].filter(([key, text]) => {
      const other = zh.get(key) ?? '';
      return placeholders(text).join() !== placeholders(other).join();
    });
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  it('has words for everything that a receipt and a pre-flight can name', () => {
    const missing = [
      ...ARITHMETIC_LABELS.map((label) => `arithmetic.${label}`),
      ...RULE_NAMES.map((rule) => `rules.${rule}`),
      ...DENIAL_CODES.map((code) => `codes.${code}`),
      ...PREFLIGHT_CHECKS.map((check) => `preflight.${check}`),
    ].filter((key) => !en.has(key));
    expect(missing).toEqual([]);
  });
});
