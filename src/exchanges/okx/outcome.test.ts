import { describe, expect, it } from 'vitest';
import type { Transmission } from '@/exchanges/http/connection-pool';
import { classifyPlacement, classifySetting, classifyStop, contactOf } from './outcome';

const ID = 'follower0001';

function answered(status: number, body: unknown, retryAfterMs: number | null = null): Transmission {
  return { kind: 'answered', status, retryAfterMs, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function row(sCode: string, ordId: string, clOrdId = ID) {
  return { clOrdId, ordId, tag: '', ts: '1695190491421', sCode, sMsg: sCode === '0' ? '' : 'no' };
}

function failed(code: string, sent: boolean): Transmission {
  return { kind: 'failed', sent, code, message: 'x' };
}

function place(transmission: Transmission) {
  return classifyPlacement(transmission, ID, 5);
}

describe('classifyPlacement', () => {
  it('accepts an order with the id the venue gave it', () => {
    const body = { code: '0', msg: '', data: [row('0', '312269865356374016')], inTime: '1', outTime: '2' };
    expect(place(answered(200, body))).toEqual({ kind: 'accepted', venueOrderId: '312269865356374016', at: 5 });
  });

  it.each([
    ['the parameters', '51000'],
    ['the instrument', '51001'],
    ['the price limit', '51006'],
    ['the margin', '51008'],
    ['the minimum size', '51020'],
    ['the lot', '51121'],
    ['a missing position', '51169'],
  ])('is refused for %s', (_why, sCode) => {
    const body = { code: '1', msg: 'All operations failed', data: [row(sCode, '')] };
    expect(place(answered(200, body))).toEqual({ kind: 'refused', code: sCode, message: 'no', at: 5 });
  });

  it.each([
    ['51000', 'Parameter posSide  error', true],
    ['51000', 'Parameter tdMode error', true],
    ['51000', 'Parameter sz error', undefined],
    ['51010', 'Request unsupported under current account mode', true],
    ['50072', 'Isolated margin mode is no longer supported in multi-currency margin mode', true],
    ['51008', 'Order failed. Insufficient USDT margin in account', undefined],
  ])('is refused with %s (%s): a setting %s', (sCode, sMsg, setting) => {
    const body = { code: '1', msg: 'All operations failed', data: [{ ...row(sCode, ''), sMsg }] };
    const outcome = place(answered(200, body));
    expect(outcome).toMatchObject({ kind: 'refused', code: sCode });
    expect('setting' in outcome ? outcome.setting : undefined).toBe(setting);
  });

  it.each(['50101', '50105', '50111', '50113', '50114'])('is refused for the key (%s)', (code) => {
    expect(place(answered(401, { msg: 'Invalid', code }))).toMatchObject({ kind: 'refused', code });
  });

  it.each([
    [200, '50011'],
    [429, '50011'],
    [200, '50061'],
    [200, '50040'],
  ])('is throttled by HTTP %i with %s', (status, code) => {
    const outcome = place(answered(status, { code, msg: 'slow down', data: [] }));
    expect(outcome).toMatchObject({ kind: 'throttled', code });
  });

  it('waits as long as Retry-After says', () => {
    const outcome = place(answered(429, { code: '50011', msg: 'Too Many Requests' }, 3000));
    expect(outcome).toMatchObject({ kind: 'throttled', retryAfterMs: 3000 });
  });

  it('takes a limit that is told in the row for the same', () => {
    const body = { code: '1', msg: '', data: [row('50061', '')] };
    expect(place(answered(200, body))).toMatchObject({ kind: 'throttled', code: '50061' });
  });

  it.each(['50036', '50037'])('knows that an expired request was not placed (%s)', (code) => {
    expect(place(answered(200, { code, msg: 'Order expired.', data: [] }))).toMatchObject({ kind: 'throttled', code });
  });

  it.each([
    [400, '50004'],
    [500, '50026'],
    [500, '51149'],
    [500, '51054'],
    [200, '50042'],
    // Undocumented whether the order was taken.
    [429, '50013'],
    [503, '50013'],
    [503, '50001'],
    [200, '50001'],
  ])('stays unknown after HTTP %i with %s', (status, code) => {
    expect(place(answered(status, { code, msg: 'timeout', data: [] }))).toMatchObject({ kind: 'unknown', code });
  });

  it('asks for an order whose client id exists already', () => {
    const body = { code: '1', msg: '', data: [row('51016', '')] };
    expect(place(answered(200, body))).toMatchObject({ kind: 'unknown', code: '51016' });
  });

  it.each([
    [500, '50011'],
    [502, '51008'],
    [503, '50061'],
  ])('believes no code on HTTP %i (%s)', (status, code) => {
    expect(place(answered(status, { code, msg: '', data: [] }))).toMatchObject({ kind: 'unknown', code });
  });

  it.each([
    ['HTML of a proxy', 503, '<html><body>503 Service Unavailable</body></html>'],
    ['HTML of a rate limiter', 429, '<html>1015</html>'],
    ['an empty body', 200, ''],
    ['a cut-off body', 200, '{"code":"0","msg":"","data":[{"clOrdId":"foll'],
    ['JSON of somebody else', 403, '{"error":{"code":1020}}'],
    ['a number for a code', 200, '{"code":0,"data":[]}'],
    ['a JSON list', 200, '[]'],
    ['JSON null', 200, 'null'],
  ])('stays unknown with %s', (_what, status, body) => {
    expect(place(answered(status, body))).toMatchObject({ kind: 'unknown', code: `HTTP_${status}` });
  });

  it.each([
    ['success without a row', { code: '0', msg: '', data: [] }],
    ['success without an order id', { code: '0', msg: '', data: [row('0', '')] }],
    ['failure without a row', { code: '1', msg: 'Operation failed.', data: [] }],
    ['rows of another shape', { code: '0', msg: '', data: [{ ordId: '1' }, null, 7] }],
  ])('stays unknown after %s', (_what, body) => {
    expect(place(answered(200, body))).toMatchObject({ kind: 'unknown', code: 'INCOMPLETE_ANSWER' });
  });

  it("does not take another order's answer for its own", () => {
    const body = { code: '0', msg: '', data: [row('0', '1', 'somebodyelse')] };
    expect(place(answered(200, body))).toMatchObject({ kind: 'unknown', code: 'WRONG_ANSWER' });
  });

  it('is throttled when not a byte left, and unknown when one may have', () => {
    const failure = { kind: 'failed', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' } as const;
    expect(place({ ...failure, sent: false })).toMatchObject({ kind: 'throttled', code: 'VENUE_UNREACHABLE' });
    expect(place({ ...failure, sent: true })).toMatchObject({ kind: 'unknown', code: 'ECONNREFUSED' });
  });

  it('is refused when our own client cannot write the request, without quoting it', () => {
    const outcome = place({
      kind: 'failed',
      sent: false,
      code: 'INVALID_HEADER',
      message: 'invalid s3cret header',
    });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'INVALID_REQUEST' });
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
  });
});

describe('classifyStop', () => {
  const refusal = (sCode: string) =>
    classifyStop(answered(200, { code: '1', msg: '', data: [{ algoId: '', algoClOrdId: ID, sCode, sMsg: 'no' }] }));

  it.each([
    ['stop', ['51278', '51280', '51302', '51304', '51306', '51308', '51047', '51049', '51051', '51053']],
    ['take', ['51277', '51279', '51300', '51303', '51305', '51307', '51046', '51048', '51050', '51052']],
  ])('names the level that the market has passed: %s', (crossed, codes) => {
    for (const code of codes) expect(refusal(code)).toEqual({ kind: 'refused', code, message: 'no', crossed });
    for (const code of codes) {
      expect(classifyStop(answered(200, { code, msg: 'no', data: [] }))).toMatchObject({ kind: 'refused', crossed });
    }
  });

  it('leaves it open whether an order with our id is ours', () => {
    for (const code of ['51065', '51068', '51016']) expect(refusal(code)).toMatchObject({ kind: 'unknown', code });
  });

  it('is refused for every other reason without naming a level', () => {
    for (const code of ['51000', '51088', '51261', '51299']) {
      expect(refusal(code)).toEqual({ kind: 'refused', code, message: 'no' });
    }
    expect(refusal('51205')).toMatchObject({ kind: 'refused', setting: true });
  });

  it('says where there is no position for it', () => {
    for (const code of ['51023', '51112', '51169', '51170']) {
      expect(refusal(code)).toEqual({ kind: 'refused', code, message: 'no', noPosition: true });
    }
  });
});

describe('classifySetting', () => {
  it('is done on code 0', () => {
    expect(classifySetting(answered(200, { code: '0', msg: '', data: [{ lever: '5' }] }))).toEqual({ kind: 'done' });
  });

  it('tells refusals, limits and doubts apart', () => {
    expect(classifySetting(answered(200, { code: '59000', msg: 'positions', data: [] }))).toMatchObject({
      kind: 'refused',
      code: '59000',
    });
    expect(classifySetting(answered(429, { code: '50011', msg: '', data: [] }))).toMatchObject({ kind: 'throttled' });
    expect(classifySetting(answered(502, '<html>'))).toMatchObject({ kind: 'unknown' });
  });
});

describe('contactOf', () => {
  const html = '<html>';
  it.each<[string, Transmission, ReturnType<typeof contactOf>]>([
    ['an order that was taken', answered(200, { code: '0', msg: '', data: [row('0', '1')] }), 'answered'],
    ['a refusal', answered(200, { code: '1', msg: '', data: [row('51008', '')] }), 'answered'],
    ['a dead key', answered(401, { code: '50111', msg: 'Invalid key' }), 'answered'],
    ['a rate limit', answered(429, { code: '50011', msg: 'Too many' }), 'answered'],
    ['a rate limit of a proxy', answered(429, html), null],
    ['a page that forbids', answered(403, html), null],
    ['a failure told by the venue', answered(503, { code: '50001', msg: 'Later' }), null],
    ['an error page', answered(502, html), 'server_error'],
    ['an empty answer', answered(200, ''), 'foreign_answer'],
    ['a page of somebody else', answered(302, html), 'foreign_answer'],
    ['no connection', failed('ECONNREFUSED', false), 'connect'],
    ['no name', failed('ENOTFOUND', false), 'connect'],
    ['silence', failed('TIMEOUT', true), 'timeout'],
    ['a reset', failed('ECONNRESET', true), 'connection_lost'],
    ['an answer without end', failed('ANSWER_TOO_LARGE', true), 'foreign_answer'],
    ['an answer that is no HTTP', failed('MALFORMED_ANSWER', true), 'foreign_answer'],
    ['a request that we withdrew', failed('WITHDRAWN', false), null],
    ['a request that came too late', failed('NOT_SENT_IN_TIME', false), null],
    ['a closed pool', failed('CLOSED', true), null],
    ['a request that is malformed', failed('INVALID_HEADER', false), null],
    ['a request held back', failed('VENUE_UNREACHABLE', false), null],
  ])('reads %s', (_name, transmission, contact) => {
    expect(contactOf(transmission)).toBe(contact);
  });
});
