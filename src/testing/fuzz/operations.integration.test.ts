import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Operation } from '@/contracts/api/operation';
import { OPERATIONS, type OperationName } from '@/contracts/api/operations';
import { createTenant, type TestTenant } from '../api/rows';
import { FUZZ_TIMEOUT, fuzzing } from './budget';
import { bindIds, fromSchema, moneyFields } from './from-schema';
import { asText, BAD_MONEY, hostileText, hostileValue, PROTOTYPE_KEYS, wounded } from './hostile';
import { type Laboratory, openLaboratory, requireRefusal } from './laboratory';

const NAMES = Object.keys(OPERATIONS) as OperationName[];
/** It waits seconds for a delivery: a handful is enough, for it reads nothing but an id. */
const SLOW = new Set<OperationName>(['testNotificationChannel']);
/** Operations change the rows that later cases name: a new tenant is made as often as this. */
const CASES_OF_A_TENANT = 60;

const weightOf = (name: OperationName) => {
  const { body, query, params }: Operation = OPERATIONS[name];
  if (SLOW.has(name)) return 0;
  return body !== undefined ? 8 : query !== undefined ? 3 : params !== undefined ? 1 : 0.2;
};
const ALL_WEIGHTS = NAMES.reduce((sum, name) => sum + weightOf(name), 0);

type Actor = 'admin' | 'operator' | 'customer' | 'nobody';
type Case = {
  readonly actor: Actor;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

const ODD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { accept: 'text/csv' },
  { accept: 'x'.repeat(3_000) },
  { 'accept-language': 'zh;q=NaN,*' },
  { 'x-request-id': '\u00ff<script>' },
  { authorization: 'Bearer' },
  { authorization: `Bearer ${'\u00ff'.repeat(500)}` },
  { authorization: 'Basic OjpdOg==' },
  { cookie: 'next-auth.session-token=%E0%A4%A; next-auth.session-token=x' },
  { cookie: `next-auth.session-token=${'e'.repeat(5_000)}` },
  { origin: 'null' },
  { origin: '://' },
  { 'content-length': '1e9' },
];

/** The text of cursors as pages give them, with what no page gives inside. */
const CURSORS = [
  'null',
  '[]',
  '["a","b"]',
  '{"id":1}',
  '1|2',
  '1e999',
  '-1',
  '99999999999999999999',
  '2026-01-01T00:00:00.000Z|x',
].flatMap((text) => [text, Buffer.from(text).toString('base64url')]);

const queryText = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function casesOf({ params, query, body, auth }: Operation): fc.Arbitrary<Case> {
  const customersMay = auth === 'public' || auth.includes('customer');
  const queries =
    query === undefined
      ? fc.array(fc.tuple(hostileText, hostileText), { maxLength: 2 })
      : fc.oneof(
          {
            weight: 8,
            arbitrary: wounded(fromSchema(query)).map((value) =>
              typeof value === 'object' && value !== null
                ? Object.entries(value).map(([key, inner]) => [key, queryText(inner)] as const)
                : [['', queryText(value)] as const],
            ),
          },
          {
            weight: 1,
            arbitrary: fc.array(
              fc.tuple(fc.constantFrom(...PROTOTYPE_KEYS, 'cursor', 'limit', 'cursor', 'search'), hostileText),
              { maxLength: 4 },
            ),
          },
          { weight: 2, arbitrary: fc.constantFrom(...CURSORS).map((cursor) => [['cursor', cursor] as const]) },
        );
  const valid = body === undefined ? fc.constant(undefined) : fromSchema(body);
  const bodies =
    body === undefined
      ? fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: asText(hostileValue) })
      : fc.oneof(
          { weight: 3, arbitrary: valid.map((value) => JSON.stringify(value)) },
          { weight: 4, arbitrary: wounded(valid, 1).map((value) => JSON.stringify(value) ?? '') },
          { weight: 3, arbitrary: asText(wounded(valid)) },
          { weight: 1, arbitrary: asText(hostileValue) },
        );
  return fc.record({
    actor: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom<Actor>('admin', customersMay ? 'customer' : 'admin') },
      { weight: 1, arbitrary: fc.constantFrom<Actor>('operator', 'customer', 'nobody') },
    ),
    path:
      params === undefined
        ? fc.constant('@id@')
        : fc.oneof({ weight: 6, arbitrary: fc.constant('@id@') }, { weight: 1, arbitrary: hostileText }),
    query: queries,
    body: bodies,
    headers: fc
      .tuple(
        fc.oneof(
          { weight: 15, arbitrary: fc.constant('application/json') },
          { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', '', 'text/jsonx') },
        ),
        fc.oneof(
          { weight: 15, arbitrary: fc.constant({}) },
          { weight: 1, arbitrary: fc.constantFrom<Record<string, string>>(...ODD_HEADERS) },
        ),
      )
      .map(([type, odd]) => ({ 'content-type': type, ...odd })),
  });
}

function mayBeNull({ body }: Operation, field: string): boolean {
  if (!(body instanceof z.ZodObject)) return false;
  return (body.shape as Record<string, z.ZodType>)[field]?.safeParse(null).success ?? false;
}

describe('the API under hostile input', () => {
  let laboratory: Laboratory;
  let tenant: TestTenant;
  let made = 0;

  beforeAll(async () => {
    laboratory = await openLaboratory();
    laboratory.harness.market = {
      getCandles: async () => [
        { openedAt: 1_700_000_000_000, open: '1', high: '2', low: '0.5', close: '1.5', volume: '10' },
      ],
    };
    await renewTenant();
  });
  afterAll(() => laboratory.harness.close());

  async function renewTenant(): Promise<void> {
    made = 0;
    laboratory.next();
    tenant = await createTenant(laboratory.harness, 'fuzz', ['follower']);
  }

  function idsFor(path: string): Record<string, string> {
    const follower = tenant.followers[0];
    if (follower === undefined) throw new Error('The tenant has no follower');
    const rows: Record<string, string> = {
      'api-tokens': tenant.tokenId,
      customers: follower.customerId,
      'exchange-accounts': follower.accountId,
      'signal-sources': tenant.sourceId,
      strategies: tenant.strategyId,
      subscriptions: follower.subscriptionId,
      signals: tenant.signalId,
      trades: follower.tradeId,
      'notification-channels': follower.channelId,
      'kill-switch': tenant.strategyId,
    };
    return {
      ...{ id: rows[path.split('/')[1] ?? ''] ?? tenant.id },
      ...{ customerId: follower.customerId, accountId: follower.accountId, strategyId: tenant.strategyId },
      ...{ signalSourceId: tenant.sourceId, sourceId: tenant.sourceId, signalId: tenant.signalId },
    };
  }

  function credentialOf(actor: Actor): string | null {
    if (actor === 'nobody') return null;
    return actor === 'customer' ? (tenant.followers[0]?.cookie ?? null) : tenant.cookies[actor];
  }

  async function expectAnswer(name: OperationName, input: Case): Promise<void> {
    made += 1;
    if (made % CASES_OF_A_TENANT === 0) await renewTenant();
    laboratory.next();
    const operation: Operation = OPERATIONS[name];
    const ids = idsFor(operation.path);
    // A GET has no body, whatever is sent; the request of the platform refuses to be made with one.
    const body =
      operation.method === 'GET' || input.body === undefined
        ? undefined
        : bindIds(input.body, ids).replaceAll('a@example.com', `a${made}-${tenant.id}@example.com`);
    // The harness checks an answer of 2xx against the operation's schema, and every refusal against the envelope.
    const answer = await laboratory.harness.call(name, {
      as: credentialOf(input.actor),
      params: operation.params === undefined ? {} : { id: bindIds(input.path, ids) },
      query: Object.fromEntries(input.query.map(([key, value]) => [key, bindIds(value, ids)])),
      body,
      headers: input.headers,
    });
    if (answer.status < 300) return;
    const error = requireRefusal(answer.status, JSON.parse(answer.text), laboratory.lastError());
    if (error.code !== 'VALIDATION_ERROR' || error.field !== undefined) return;
    // Where no field is named, the body as a whole is at fault.
    expect([answer.error.message, body]).toEqual([expect.stringMatching(/^The body is not valid JSON|object/), body]);
  }

  describe.each(NAMES)('%s', (name) => {
    const operation: Operation = OPERATIONS[name];

    it(
      'answers by its schema or with a refusal',
      () =>
        fc.assert(
          fc.asyncProperty(casesOf(operation), (input) => expectAnswer(name, input)),
          fuzzing<[Case]>((0.08 * weightOf(name)) / ALL_WEIGHTS),
        ),
      FUZZ_TIMEOUT,
    );

    const fields = moneyFields(operation.body);
    if (fields.length === 0) return;
    it(
      `takes plain decimals alone as ${fields.join(', ')}`,
      async () => {
        await renewTenant();
        const ids = idsFor(operation.path);
        const valid = fc.sample(fromSchema(operation.body as never), { numRuns: 1, seed: 7 })[0] as object;
        for (const field of fields) {
          for (const bad of [...BAD_MONEY, 1, 0.5, null, [], ['1'], { value: '1' }, true]) {
            if (bad === null && mayBeNull(operation, field)) continue;
            laboratory.next();
            const answer = await laboratory.harness.call(name, {
              as: tenant.cookies.admin,
              params: operation.params === undefined ? {} : { id: ids.id ?? '' },
              body: bindIds(JSON.stringify({ ...valid, [field]: bad }), ids),
            });
            expect([field, bad, answer.status, answer.error?.code, answer.error?.field]).toEqual([
              field,
              bad,
              400,
              'VALIDATION_ERROR',
              field,
            ]);
          }
        }
      },
      FUZZ_TIMEOUT,
    );
  });
});
