import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '@/contracts/envelope';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';
import { hmacKeyPlace } from '../sources/sealed-fields';
import { ingestSignal } from './ingest';

describe('ingestSignal', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  const body = (fields: Record<string, unknown> = {}) =>
    JSON.stringify({
      version: 1,
      id: newId(),
      timestamp: new Date().toISOString(),
      instrument: 'BTCUSDT.P',
      action: 'open',
      side: 'long',
      quantity: { unit: 'base', value: '1' },
      orderType: 'market',
      ...fields,
    });
  const ingest = (rawBody: string, fields: Record<string, unknown> = {}) =>
    ingestSignal(stage.ingestDeps(), { ...stage.incoming(rawBody), ...fields });
  const refused = async (promise: Promise<unknown>): Promise<AppError> => {
    const error = await promise.then(
      () => null,
      (reason: AppError) => reason,
    );
    if (error === null) throw new Error('The signal was taken in');
    return error;
  };

  it('keeps a signal with its instrument, its age limit and its place in the lane', async () => {
    const { signalId, repeated } = await ingest(body());
    expect(repeated).toBe(false);
    const row = await stage.signal(signalId);
    expect(row).toMatchObject({ status: 'received', instrumentId: 'okx:BTC-USDT-SWAP', format: 'native' });
    expect(row.expiresAt.getTime() - row.sentAt.getTime()).toBe(60_000);
  });

  it('answers the same id to a repeat and changes nothing', async () => {
    const message = body();
    const first = await ingest(message);
    const before = await stage.db.signal.count();
    expect(await ingest(message)).toEqual({ signalId: first.signalId, repeated: true });
    expect(await stage.db.signal.count()).toBe(before);
  });

  it('answers the same id to a repeat that comes when the signal has grown stale', async () => {
    const message = body();
    const first = await ingest(message);
    expect(await ingest(message, { receivedAt: Date.now() + 3_600_000 })).toEqual({
      signalId: first.signalId,
      repeated: true,
    });
  });

  it('keeps one of many repeats that arrive at once', async () => {
    const message = body();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ingest(message)));
    expect(new Set(answers.map((answer) => answer.signalId)).size).toBe(1);
    expect(answers.filter((answer) => !answer.repeated)).toHaveLength(1);
  });

  it('takes a signal as large as a body may be, and keeps the beginning of its text', async () => {
    const message = body();
    const { signalId } = await ingest(message.replace('{', `{${' '.repeat(64 * 1024 - message.length)}`));
    expect((await stage.signal(signalId)).rawBody).toHaveLength(16_000);
  });

  it('refuses the id of another signal', async () => {
    const id = newId();
    await ingest(body({ id }));
    expect(await refused(ingest(body({ id, side: 'short' })))).toMatchObject({ code: 'CONFLICT', status: 409 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['leverage', { leverage: '7' }],
    ['stop', { stopPrice: '40000' }],
    ['stop-loss', { stopLoss: { price: '40000' } }],
    ['price', { price: '50001' }],
    ['instrument', { instrument: 'ETH-USDT-SWAP' }],
  ])('refuses the id of a signal with another %s, however late', async (_what, over) => {
    const id = newId();
    const first = await ingest(body({ id }));
    const again = ingest(body({ id, ...over }));
    expect(await refused(again)).toMatchObject({ code: 'CONFLICT', extra: { details: { signalId: first.signalId } } });
    const late = ingest(body({ id, ...over }), { receivedAt: Date.now() + 3_600_000 });
    expect(await refused(late)).toMatchObject({ code: 'CONFLICT' });
  });

  it('takes three exits of one name and second for three, and a repeat of one for a repeat', async () => {
    const timestamp = new Date().toISOString();
    const exit = (position_size: string) =>
      JSON.stringify({ id: 'TP', timestamp, action: 'sell', symbol: 'BTCUSDT.P', contracts: '0.5', position_size });
    const taken = [await ingest(exit('1')), await ingest(exit('0.5')), await ingest(exit('0'))];
    expect(taken.map(({ repeated }) => repeated)).toEqual([false, false, false]);
    expect(new Set(taken.map(({ signalId }) => signalId)).size).toBe(3);
    expect(await ingest(exit('0.5'))).toEqual({ signalId: taken[1]?.signalId, repeated: true });
  });

  it('refuses what is too old and keeps it for the admin', async () => {
    const error = await refused(ingest(body({ timestamp: new Date(Date.now() - 61_000).toISOString() })));
    expect(error).toMatchObject({ code: 'STALE_SIGNAL', status: 422, extra: { field: 'timestamp' } });
    expect(await stage.db.rejectedMessage.findFirst({ where: { code: 'STALE_SIGNAL' } })).not.toBeNull();
  });

  it('refuses what comes from the future, but for what clocks are apart', async () => {
    await ingest(body({ timestamp: new Date(Date.now() + 50_000).toISOString() }));
    const error = await refused(ingest(body({ timestamp: new Date(Date.now() + 120_000).toISOString() })));
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', extra: { field: 'timestamp' } });
  });

  it.each<[string, Record<string, unknown>]>([
    ['quantity', JSON.parse(body({ quantity: undefined }))],
    ['contracts', { timestamp: 'now', action: 'buy', symbol: 'BTCUSDT.P' }],
    ['amount', { timestamp: 'now', action: 'ENTER_LONG', instrument: 'BTCUSDT.P', signalToken: 'any' }],
    ['order.amount', { timestamp: 'now', bot_uuid: '', action: 'enter_long', tv_instrument: 'BTCUSDT.P', order: {} }],
  ])('refuses an entry without a size and names %s', async (field, message) => {
    const timed = JSON.stringify({ ...message, timestamp: new Date().toISOString() });
    const error = await refused(ingest(timed));
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', status: 400, extra: { field } });
    expect(error.message).toContain(`"${field}" is missing`);
    expect(await stage.db.rejectedMessage.count({ where: { field } })).toBe(1);
  });

  it('refuses an instrument that nobody knows', async () => {
    expect(await refused(ingest(body({ instrument: 'NOPEUSDT' })))).toMatchObject({ code: 'UNKNOWN_SYMBOL' });
  });

  it('takes USD for USDT where the source is set so, and notes that it did; a contract in USD never', async () => {
    expect(await refused(ingest(body({ instrument: 'BTCUSD' })))).toMatchObject({ code: 'UNKNOWN_SYMBOL' });
    await stage.db.signalSource.update({ where: { id: stage.sourceId }, data: { usdMeansUsdt: true } });
    const { signalId } = await ingest(body({ instrument: 'BTCUSD' }));
    expect(await stage.signal(signalId)).toMatchObject({
      instrumentId: 'okx:BTC-USDT-SWAP',
      intent: { symbol: 'BTCUSD', usdMeantUsdt: true },
    });
    const plain = await ingest(body());
    expect((await stage.signal(plain.signalId)).intent).not.toHaveProperty('usdMeantUsdt');
    for (const instrument of ['BTC-USD-SWAP', 'BTCUSD_PERP', 'BTCUSD.P']) {
      expect(await refused(ingest(body({ instrument })))).toMatchObject({ code: 'UNKNOWN_SYMBOL' });
    }
    await stage.db.signalSource.update({ where: { id: stage.sourceId }, data: { usdMeansUsdt: false } });
  });

  it('refuses a body that is too large', async () => {
    expect(await refused(ingest(' '.repeat(70_000)))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', status: 413 });
  });

  it('refuses an address that no source has, and keeps nothing', async () => {
    const before = await stage.db.rejectedMessage.count();
    expect(await refused(ingest(body(), { token: 'wrong' }))).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    expect(await stage.db.rejectedMessage.count()).toBe(before);
  });

  it('takes the secrets of a sender out of what is kept', async () => {
    await refused(ingest('{"secret": "CANARY-SECRET", "broken": '));
    const kept = await stage.db.rejectedMessage.findMany();
    expect(JSON.stringify(kept)).not.toContain('CANARY-SECRET');
  });

  it('reads text as well as JSON', async () => {
    expect((await ingest(body(), { contentType: 'text/plain; charset=utf-8' })).repeated).toBe(false);
  });

  it('accepts only listed addresses where the source has a list', async () => {
    await stage.db.signalSource.update({ where: { id: stage.sourceId }, data: { allowedIps: ['10.1.0.0/16', '::1'] } });
    expect(await refused(ingest(body(), { ip: '10.2.0.1' }))).toMatchObject({ code: 'FORBIDDEN' });
    expect((await ingest(body(), { ip: '::ffff:10.1.2.3' })).repeated).toBe(false);
    await stage.db.signalSource.update({ where: { id: stage.sourceId }, data: { allowedIps: [] } });
    expect(await refused(ingest(body(), { ip: '10.1.2.3' }))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('checks the signature of a source that signs', async () => {
    const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
    const hmacSealed = stage.cipher.forTenant(tenant).seal('signing key', hmacKeyPlace(stage.sourceId));
    await stage.db.signalSource.update({
      where: { id: stage.sourceId },
      data: { hmacSealed, allowedIps: ['0.0.0.0/0'] },
    });
    const message = body();
    const timestamp = String(Date.now());
    const sign = (text: string) => createHmac('sha256', 'signing key').update(text).digest('hex');
    const headers = (signature: string) =>
      new Headers({ 'X-Slipstream-Timestamp': timestamp, 'X-Slipstream-Signature': signature });
    expect(await refused(ingest(message))).toMatchObject({ code: 'UNAUTHENTICATED' });
    const wrong = headers(sign(`${timestamp}.${message} `));
    expect(await refused(ingest(message, { headers: wrong }))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await ingest(message, { headers: headers(sign(`${timestamp}.${message}`)) })).repeated).toBe(false);
  });
});
