import type { Contact } from '@/domain/circuit-breaker';
import type { Transmission } from '@/exchanges/http/connection-pool';
import { type PlacementOutcome, type SettingOutcome, VENUE_UNREACHABLE } from '@/exchanges/port';
import { speaksOfSettings } from './setting-codes';
import { type StopRefusal, stopRefusal } from './stop-refusal';
import { TIMESTAMP_EXPIRED } from './timing';

/**
 * Reads what became of a placement. The rule behind every line: `throttled` is said only when the order certainly does
 * not exist, `refused` only when the venue said so itself, in its own envelope; everything else is `unknown`, because
 * asking by client id is cheap and a doubled order is not.
 */
export function classifyPlacement(transmission: Transmission, clientOrderId: string, at: number): PlacementOutcome {
  if (transmission.kind === 'failed') return { ...classifyFailure(transmission), at };
  const envelope = parseEnvelope(transmission.body);
  if (!envelope) return { ...notTheVenue(transmission.status), at };

  const row = envelope.rows[0];
  if (row?.clOrdId && row.clOrdId !== clientOrderId) {
    return { kind: 'unknown', code: 'WRONG_ANSWER', message: 'The answer belongs to another order', at };
  }
  if (row && (envelope.code === '0' || envelope.code === '1' || envelope.code === '2')) {
    if (row.sCode !== '0') return { ...classifyCode(transmission, row.sCode, row.sMsg), at };
    if (row.ordId && transmission.status < 300) return { kind: 'accepted', venueOrderId: row.ordId, at };
  }
  return { ...classifyTopLevel(transmission, envelope), at };
}

/** Reads the answer to a setting. Settings are idempotent, so an `unknown` one may simply be sent again. */
export function classifySetting(transmission: Transmission): SettingOutcome {
  if (transmission.kind === 'failed') return classifyFailure(transmission);
  const envelope = parseEnvelope(transmission.body);
  if (!envelope) return notTheVenue(transmission.status);
  if (envelope.code === '0' && transmission.status < 300) return { kind: 'done' };
  return classifyTopLevel(transmission, envelope);
}

/**
 * Reads the answer about a stop order. One with the same id that stands already is ours from an attempt before: `unknown`,
 * so that it is asked for.
 */
export function classifyStop(
  transmission: Transmission,
): { kind: 'done'; venueOrderId: string } | (NotDone & StopRefusal) {
  if (transmission.kind === 'failed') return classifyFailure(transmission);
  const envelope = parseEnvelope(transmission.body);
  if (!envelope) return notTheVenue(transmission.status);
  const row = envelope.rows[0];
  if (row && (envelope.code === '0' || envelope.code === '1' || envelope.code === '2')) {
    if (row.sCode !== '0') return withReason(classifyCode(transmission, row.sCode, row.sMsg));
    if (transmission.status < 300) return { kind: 'done', venueOrderId: row.algoId };
  }
  return withReason(classifyTopLevel(transmission, envelope));
}

function withReason(outcome: NotDone): NotDone & StopRefusal {
  return outcome.kind === 'refused' ? { ...outcome, ...stopRefusal(outcome.code) } : outcome;
}

type NotDone =
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly setting?: true }
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string }
  | { readonly kind: 'throttled'; readonly code: string; readonly message: string; readonly retryAfterMs: number };

type Answered = Extract<Transmission, { kind: 'answered' }>;

/**
 * The codes that say "perhaps". An order with our id stands already: most likely ours from an attempt before. Whether 50001 and
 * 50013 come from in front of or from behind the matching engine is not documented.
 */
const UNKNOWN_CODES: ReadonlySet<string> = new Set([
  '50001', // service unavailable
  '50004', // endpoint time-out
  '50013', // system busy
  '50026', // system error
  '50042', // repeated request
  '51016', // client id exists
  '51065', // client id of a stop order exists
  '51068', // the same, among attached ones
  '51054', // request timed out
  '51149', // order timed out
]);

/** The codes that say "not taken, come again", with the pause to make. */
const THROTTLED_CODES: ReadonlyMap<string, number> = new Map([
  ['50011', 1_000], // rate limit of the endpoint, counted over 2 s
  ['50023', 2_000], // funding fees are being settled
  ['50040', 1_000], // too frequent operations
  ['50061', 1_000], // rate limit of the sub-account, counted over 2 s
  ['51030', 2_000], // funding fee is being settled
  [TIMESTAMP_EXPIRED, 250], // refused at authentication: our notion of its clock was wrong, and is mended meanwhile
  // The request reached the venue after its expiry: certainly not placed. Whether there is still time for another
  // attempt is the caller's to say.
  ['50036', 250],
  ['50037', 250],
]);

/** A pause after a request that could not leave. */
const RECOVER_MS = 250;

function classifyFailure(failure: Extract<Transmission, { kind: 'failed' }>): NotDone {
  if (failure.sent) return { kind: 'unknown', code: failure.code, message: failure.message };
  switch (failure.code) {
    case 'INVALID_HEADER':
      // Our own client would not write it, and never will. Its message may quote a header, so it is not passed on.
      return { kind: 'refused', code: 'INVALID_REQUEST', message: 'The request holds characters HTTP does not allow' };
    case 'MODE_NOT_OFFERED':
      return { kind: 'refused', code: failure.code, message: failure.message };
    case 'NOT_SENT_IN_TIME':
    case 'WITHDRAWN':
    case 'CLOSED':
      return { kind: 'throttled', code: failure.code, message: failure.message, retryAfterMs: RECOVER_MS };
    default:
      return { kind: 'throttled', code: VENUE_UNREACHABLE, message: failure.message, retryAfterMs: RECOVER_MS };
  }
}

function classifyTopLevel(answer: Answered, envelope: Envelope): NotDone {
  // "All failed" or "done" without the row that proves it.
  if (envelope.code === '0' || envelope.code === '1' || envelope.code === '2') {
    return { kind: 'unknown', code: 'INCOMPLETE_ANSWER', message: envelope.msg || 'The answer holds no result' };
  }
  return classifyCode(answer, envelope.code, envelope.msg);
}

function classifyCode(answer: Answered, code: string, message: string): NotDone {
  const text = message.slice(0, 300);
  // A 5xx may come from in front of or from behind the matching engine.
  if (answer.status >= 500 || UNKNOWN_CODES.has(code)) return { kind: 'unknown', code, message: text };
  const pause = THROTTLED_CODES.get(code);
  if (pause !== undefined) {
    return { kind: 'throttled', code, message: text, retryAfterMs: answer.retryAfterMs ?? pause };
  }
  return { kind: 'refused', code, message: text, ...(speaksOfSettings(code, message) ? { setting: true } : {}) };
}

/** Failures of requests that say nothing about the venue: they never left, for reasons of our own. */
const OWN_FAILURES: ReadonlySet<string> = new Set([
  'INVALID_HEADER',
  'MODE_NOT_OFFERED',
  'NOT_SENT_IN_TIME',
  'WITHDRAWN',
  'CLOSED',
  VENUE_UNREACHABLE,
]);

/** What a request says about the venue's being there; null: nothing. Refusals and rate limits are answers. */
export function contactOf(transmission: Transmission): Contact | null {
  if (transmission.kind === 'answered') {
    const { status, body } = transmission;
    return body.charCodeAt(0) === 0x7b ? contactOfEnvelope(status) : contactOfPage(status);
  }
  if (OWN_FAILURES.has(transmission.code)) return null;
  if (!transmission.sent) return 'connect';
  if (transmission.code === 'TIMEOUT') return 'timeout';
  const isForeign = transmission.code === 'ANSWER_TOO_LARGE' || transmission.code === 'MALFORMED_ANSWER';
  return isForeign ? 'foreign_answer' : 'connection_lost';
}

/** In the venue's own format it is an answer, even a failure; only that it is busy everywhere says nothing either way. */
function contactOfEnvelope(status: number): Contact | null {
  return status >= 500 ? null : 'answered';
}

/** A page in front of the venue. 4xx (429 above all) is somebody's opinion of us, not of the venue. */
export function contactOfPage(status: number): Contact | null {
  if (status >= 500) return 'server_error';
  return status >= 400 ? null : 'foreign_answer';
}

/** HTML of a proxy, an empty or cut-off body: it says nothing about the order. */
function notTheVenue(status: number): NotDone {
  return { kind: 'unknown', code: `HTTP_${status}`, message: `HTTP ${status} without an answer in the venue's format` };
}

export type EnvelopeRow = {
  readonly ordId: string;
  readonly clOrdId: string;
  readonly algoId: string;
  readonly sCode: string;
  readonly sMsg: string;
};

export type Envelope = { readonly code: string; readonly msg: string; readonly rows: readonly EnvelopeRow[] };

const VENUE_CODE = /^\d{1,6}$/;

/** OKX's envelope, or null when the text is not one. */
export function parseEnvelope(text: string): Envelope | null {
  if (text.charCodeAt(0) !== 0x7b) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(parsed) || typeof parsed.code !== 'string' || !VENUE_CODE.test(parsed.code)) return null;
  const rows: EnvelopeRow[] = [];
  if (Array.isArray(parsed.data)) {
    for (const row of parsed.data) {
      if (!isRecord(row) || typeof row.sCode !== 'string' || !VENUE_CODE.test(row.sCode)) continue;
      rows.push({
        ordId: textOf(row.ordId),
        clOrdId: textOf(row.clOrdId),
        algoId: textOf(row.algoId),
        sCode: row.sCode,
        sMsg: textOf(row.sMsg),
      });
    }
  }
  return { code: parsed.code, msg: textOf(parsed.msg), rows };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
