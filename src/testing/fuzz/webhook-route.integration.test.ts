import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POST } from '@/app/api/webhooks/[token]/route';
import { newId, sha256 } from '@/platform/ids';
import { InstrumentCatalogue } from '@/services/pricing/instrument-catalogue';
import { ingestDeps } from '@/services/signals/ingest';
import { createTenant } from '../api/rows';
import { FUZZ_TIMEOUT, fuzzing } from './budget';
import { type Laboratory, openLaboratory, requireRefusal } from './laboratory';
import { contentTypes, exampleOf, signalBodies } from './signal-bodies';

const PLACE = Symbol.for('slipstream.ingest-services');
const FORMATS = ['auto', 'native', 'okx-signal-bot', '3commas-custom', '3commas-strategy', 'tradingview'] as const;

describe('the webhook under hostile input', () => {
  let laboratory: Laboratory;
  const queued: string[] = [];
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    laboratory = await openLaboratory();
    const { harness } = laboratory;
    const { database, cipher, logger } = harness.context;
    const tenant = await createTenant(harness, 'fuzz', []);
    for (const format of FORMATS) {
      const token = `fuzz-token-${format}`;
      await database.system.signalSource.create({
        data: {
          id: newId(),
          tenantId: tenant.id,
          name: format,
          venue: 'okx',
          format,
          tokenHash: sha256(token),
          tokenSealed: '',
        },
      });
      tokens.set(format, token);
    }
    const services = ingestDeps({
      database,
      cipher,
      logger,
      instruments: new InstrumentCatalogue(database.system),
      enqueue: async (signalId) => void queued.push(signalId),
      publish: async () => {},
    });
    Object.assign(globalThis, { [PLACE]: services });
  });
  afterAll(async () => {
    Object.assign(globalThis, { [PLACE]: undefined });
    await laboratory.harness.close();
  });

  async function post(token: string, body: string | Uint8Array<ArrayBuffer>, contentType: string | null) {
    laboratory.next();
    const request = new Request('http://127.0.0.1:3000/api/webhooks/x', { method: 'POST', body });
    request.headers.delete('content-type');
    if (contentType !== null) request.headers.set('content-type', contentType);
    const response = await POST(request, { params: Promise.resolve({ token }) });
    return { status: response.status, json: (await response.json()) as { data?: { signalId?: unknown } } };
  }

  async function expectAnswer(token: string, body: string | Uint8Array<ArrayBuffer>, contentType: string | null) {
    const { status, json } = await post(token, body, contentType);
    if (status === 200 || status === 202) {
      expect(json.data?.signalId).toMatch(/^[0-9a-f]{32}$/);
      return;
    }
    const error = requireRefusal(status, json, laboratory.lastError());
    if (error.code !== 'UNAUTHENTICATED') expect(error.field ?? '').not.toBe('');
  }

  const token = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...FORMATS, 'auto', 'auto').map((format) => `fuzz-token-${format}`) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  );

  it('takes the examples of every format', async () => {
    for (const format of FORMATS.slice(1)) {
      const key = format === 'auto' ? 'native' : format;
      const body = JSON.stringify(exampleOf(key, Date.now()));
      expect(await post(tokens.get(format) ?? '', body, 'text/plain')).toMatchObject({ status: 202 });
    }
    expect(queued).toHaveLength(FORMATS.length - 1);
  });

  it.each([65_534, 65_535, 65_536, 65_537])('answers a signal of %i bytes', async (length) => {
    const example = JSON.stringify(exampleOf('3commas-custom', Date.now()));
    const body = example.replace('{', `{${' '.repeat(length - example.length)}`);
    await expectAnswer('fuzz-token-auto', body, 'text/plain');
    await expectAnswer('fuzz-token-auto', body.replace('"bot_uuid"', '"bot"'), 'text/plain');
  });

  it(
    'answers every text with an id or a refusal that names what is wrong',
    () =>
      fc.assert(
        fc.asyncProperty(token, signalBodies(Date.now), contentTypes, expectAnswer),
        fuzzing<[string, string, string | null]>(0.06),
      ),
    FUZZ_TIMEOUT,
  );

  it(
    'answers bytes that are no text',
    () => {
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((part) => Uint8Array.from(part)),
        fc
          .tuple(signalBodies(Date.now), fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat(300))
          .map(([text, part, at]) => {
            const whole = Buffer.from(text);
            return Uint8Array.from([...whole.subarray(0, at), ...part, ...whole.subarray(at)]);
          }),
      );
      return fc.assert(fc.asyncProperty(token, bytes, contentTypes, expectAnswer), fuzzing(0.02));
    },
    FUZZ_TIMEOUT,
  );
});
