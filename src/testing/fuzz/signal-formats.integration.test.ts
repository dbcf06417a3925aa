import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECIMAL_STRING } from '@/domain/decimal';
import { FORMATS, type ParsedSignal, parseSignal } from '@/services/signals/formats/parse-signal';
import { FUZZ_TIMEOUT, fuzzing } from './budget';
import { BAD_MONEY, hostileText, hostileValue, withValueAt } from './hostile';
import { contentTypes, exampleOf, MONEY_FIELDS, signalBodies } from './signal-bodies';

const NOW = Date.parse('2026-05-08T06:20:05Z');
const KEYS = [...FORMATS.map((format) => format.key), 'auto'] as const;

/** Signed by nature: the position that a sender stands in. */
const SIGNED = new Set([
  'position_size',
  'market_position_size',
  'strategy_info.market_position_size',
  'strategy_info.prev_market_position_size',
]);

function expectSound({ intent, idempotencyKey }: ParsedSignal): void {
  const { size, limitPrice, referencePrice, leverage, stopPrice } = intent;
  for (const money of [limitPrice, referencePrice, leverage, stopPrice]) {
    if (money !== null) expect(money).toMatch(DECIMAL_STRING);
    if (money !== null) expect(money).not.toMatch(/^-|^0(?:\.0*)?$/);
  }
  if (size !== null) expect(size.value).toMatch(DECIMAL_STRING);
  if (size !== null && intent.action !== 'target') expect(size.value).not.toMatch(/^-|^0(?:\.0*)?$/);
  if (intent.orderType === 'limit') expect(limitPrice).not.toBeNull();
  expect(Number.isSafeInteger(intent.sentAt)).toBe(true);
  if (intent.maxLagMs !== null) expect(Number.isSafeInteger(intent.maxLagMs) && intent.maxLagMs > 0).toBe(true);
  expect(intent.symbol.length).toBeGreaterThan(0);
  expect(idempotencyKey).toMatch(/^[\x21-\x7e]{1,190}$/);
}

describe('signal formats under hostile input', () => {
  it(
    'take a body or name what is wrong with it, and never throw',
    () => {
      fc.assert(
        fc.property(
          signalBodies(() => NOW),
          contentTypes,
          fc.constantFrom(...KEYS),
          (rawBody, contentType, format) => {
            const parsed = parseSignal({ rawBody, contentType, format, receivedAt: NOW });
            if (parsed.ok) return expectSound(parsed);
            expect(parsed.code).toMatch(/^(?:VALIDATION_ERROR|UNSUPPORTED_FIELD|DUPLICATE_FIELD|UNKNOWN_FORMAT)$/);
            expect(parsed.message.length).toBeGreaterThan(5);
            expect(parsed.field.length).toBeGreaterThan(0);
          },
        ),
        fuzzing(0.54),
      );
    },
    FUZZ_TIMEOUT,
  );

  it(
    'never throw at values that no JSON text gives',
    () => {
      const anything = fc.oneof(hostileValue, fc.anything({ maxDepth: 3 }), hostileText);
      fc.assert(
        fc.property(fc.constantFrom(...FORMATS), anything, (format, body) => {
          format.matches(body);
          const parsed = format.parse(body, { receivedAt: NOW });
          if (!parsed.ok) expect(parsed.message.length).toBeGreaterThan(5);
        }),
        fuzzing(0.1),
      );
    },
    FUZZ_TIMEOUT,
  );

  it.each(MONEY_FIELDS)('%s: %s takes a plain decimal alone', (key, field, around) => {
    const valid = { ...exampleOf(key, NOW), ...around };
    for (const bad of BAD_MONEY) {
      if (SIGNED.has(field) && /^-(?:1|0\.5)$/.test(bad)) continue;
      const marked = JSON.stringify(withValueAt(valid, field.split('.'), '@'));
      const asNumber = marked.replace('"@"', bad);
      for (const rawBody of [marked.replace('"@"', () => JSON.stringify(bad)), asNumber]) {
        const parsed = parseSignal({ rawBody, contentType: null, format: key, receivedAt: NOW });
        expect(parsed.ok, `${field} takes ${rawBody.slice(0, 300)}`).toBe(false);
        if (!parsed.ok && isJson(rawBody)) expect(parsed.field).toBe(field);
      }
    }
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
