import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseInput, readJson, readQuery } from '@/app/api/_http/input';
import type { Operation } from '@/contracts/api/operation';
import { OPERATIONS } from '@/contracts/api/operations';
import { AppError } from '@/contracts/envelope';
import { FUZZ_TIMEOUT, fuzzing } from './budget';
import { bindIds, fromSchema } from './from-schema';
import { asText, hostileText, hostileValue, PROTOTYPE_KEYS, wounded } from './hostile';

const SCHEMAS: readonly (readonly [string, z.ZodType])[] = Object.entries(OPERATIONS).flatMap(([name, definition]) => {
  const { query, body }: Operation = definition;
  return [
    ...(query === undefined ? [] : [[`query of ${name}`, query] as const]),
    ...(body === undefined ? [] : [[`body of ${name}`, body] as const]),
  ];
});

/** What a reader of input throws; anything but an expected refusal is a defect. */
async function refusalOf(read: () => unknown): Promise<AppError | null> {
  try {
    await read();
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.status).toBeLessThan(500);
    expect(error.message.length).toBeGreaterThan(5);
    expect(error.extra.field).not.toBe('');
    return error;
  }
}

describe('the schemas of the API under hostile input', () => {
  it.each(SCHEMAS)(
    '%s takes what it describes, and names the field of what it refuses',
    async (_name, schema) => {
      const valid = fromSchema(schema).map((value) => JSON.parse(bindIds(JSON.stringify(value), {})));
      const share = fuzzing(0.2 / SCHEMAS.length);
      fc.assert(
        fc.property(valid, (value) => void parseInput(schema, value)),
        share,
      );
      await fc.assert(
        fc.asyncProperty(fc.oneof(wounded(valid, 1), hostileValue), async (value) => {
          const refusal = await refusalOf(() => parseInput(schema, value));
          const isWhole = typeof value !== 'object' || value === null || Array.isArray(value);
          if (refusal !== null && !isWhole) expect(refusal.extra.field).toBeDefined();
        }),
        share,
      );
    },
    FUZZ_TIMEOUT,
  );

  it(
    'read bodies and addresses, or say what is wrong with them',
    async () => {
      const keys = fc.oneof(fc.constantFrom(...PROTOTYPE_KEYS), hostileText);
      const pairs = fc.uniqueArray(fc.tuple(keys, hostileText), { maxLength: 4, selector: ([key]) => key });
      await fc.assert(
        fc.asyncProperty(asText(hostileValue), pairs, async (body, query) => {
          const url = new URL(
            `http://127.0.0.1:3000/?${new URLSearchParams(query.map(([key, value]) => [key, value]))}`,
          );
          const headers = { 'content-type': 'application/json' };
          await refusalOf(() => readJson(new Request(url, { method: 'POST', body, headers })));
          // Lone surrogates become one replacement character, so that two keys may meet.
          const isText = query.every(([key]) => Buffer.from(key).toString() === key);
          if (isText) expect(await refusalOf(() => readQuery(url))).toBeNull();
        }),
        fuzzing(0.06),
      );
    },
    FUZZ_TIMEOUT,
  );
});
