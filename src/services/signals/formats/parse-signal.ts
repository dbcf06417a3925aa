import { createHash } from 'node:crypto';
import type { SignalIntent } from '@/domain/signal';
import { readBody } from './body';
import { isRecord } from './define';
import { native } from './native';
import { okxSignalBot } from './okx-signal-bot';
import { threeCommasCustom } from './three-commas-custom';
import { threeCommasStrategy } from './three-commas-strategy';
import { tradingview } from './tradingview';
import type { FormatFailure, SignalFormat, SignalFormatKey } from './types';

/** Every format that is accepted. */
export const FORMATS: readonly SignalFormat[] = [
  native,
  okxSignalBot,
  threeCommasCustom,
  threeCommasStrategy,
  tradingview,
];

export type ParsedSignal = {
  readonly ok: true;
  readonly format: SignalFormatKey;
  readonly intent: SignalIntent;
  /** The token inside the body, where the format has one and the sender filled it in. */
  readonly secret: string | null;
  /** At most 110 characters of lower case, safe under any collation; equal for repeats of one signal from one source. */
  readonly idempotencyKey: string;
};

export type ParseInput = {
  readonly rawBody: string;
  readonly contentType: string | null;
  readonly format: SignalFormatKey | 'auto';
  /** Epoch ms. */
  readonly receivedAt: number;
};

/** Types that no sender of JSON uses; text/plain is TradingView's, and a missing type is common. */
const OTHER_CONTENT =
  /^(?:multipart\/|application\/x-www-form-urlencoded|application\/octet-stream|application\/xml|text\/(?:html|xml))/i;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const SECRETS: readonly string[] = ['secret', 'signalToken', 'passphrase', 'token'];

/** The same JSON in one spelling: keys sorted, no white space. Secrets stay out, so that a new one is no new signal. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([key]) => !SECRETS.includes(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(',')}}`;
}

/** Ids stay readable where every collation tells them apart; "Long" and "long" are the same to a case-blind one. */
function keyOf(intent: SignalIntent, body: unknown): string {
  if (intent.idempotencyKey === null) return `content:${sha256(canonical(body))}`;
  const readable = /^[a-z0-9][a-z0-9_.:@-]{0,99}$/.test(intent.idempotencyKey);
  return readable ? `id:${intent.idempotencyKey}` : `id-hash:${sha256(intent.idempotencyKey)}`;
}

function choose(body: unknown, key: SignalFormatKey | 'auto'): SignalFormat | FormatFailure {
  if (key !== 'auto') {
    const wanted = FORMATS.find((format) => format.key === key);
    if (wanted !== undefined) return wanted;
  }
  const [only, ...others] = FORMATS.filter((format) => format.matches(body));
  if (only === undefined) {
    return {
      ok: false,
      code: 'UNKNOWN_FORMAT',
      message: `The body fits none of the formats ${FORMATS.map((format) => format.key).join(', ')}.`,
      field: 'body',
    };
  }
  if (others.length === 0) return only;
  return {
    ok: false,
    code: 'UNKNOWN_FORMAT',
    message: `The body could be any of ${[only, ...others].map((format) => format.key).join(', ')}; set the source's format.`,
    field: 'body',
  };
}

/** The field in which a format's entries say their size. */
export function sizeFieldOf(key: SignalFormatKey): string {
  return FORMATS.find((format) => format.key === key)?.sizeField ?? 'size';
}

/** Reads a webhook's body by the source's format, or by its shape. Never throws; looks nothing up. */
export function parseSignal(input: ParseInput): ParsedSignal | FormatFailure {
  if (input.contentType !== null && OTHER_CONTENT.test(input.contentType.trim())) {
    return {
      ok: false,
      code: 'UNKNOWN_FORMAT',
      message: 'Send the signal as application/json or text/plain.',
      field: 'content-type',
    };
  }
  const read = readBody(input.rawBody);
  if (!read.ok) return read;
  const format = choose(read.body, input.format);
  if ('ok' in format) return format;
  const result = format.parse(read.body, { receivedAt: input.receivedAt });
  if (!result.ok) return result;
  return {
    ok: true,
    format: format.key,
    intent: result.intent,
    secret: result.secret,
    idempotencyKey: keyOf(result.intent, read.body),
  };
}
