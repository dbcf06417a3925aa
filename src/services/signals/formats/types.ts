import type { SignalIntent } from '@/domain/signal';

export const SIGNAL_FORMATS = [
  'native',
  'okx-signal-bot',
  '3commas-custom',
  '3commas-strategy',
  'tradingview',
] as const;
export type SignalFormatKey = (typeof SIGNAL_FORMATS)[number];

/**
 * VALIDATION_ERROR   a field is missing, unknown or nonsense
 * UNSUPPORTED_FIELD  understood, but not done here (stop-loss orders and the like): never silently ignored
 * DUPLICATE_FIELD    a field stands twice in one object
 * UNKNOWN_FORMAT     no format, or more than one, fits the body
 */
export type FormatFailure = {
  readonly ok: false;
  readonly code: 'VALIDATION_ERROR' | 'UNSUPPORTED_FIELD' | 'DUPLICATE_FIELD' | 'UNKNOWN_FORMAT';
  /** A sentence for people. Never holds a value of a secret field. */
  readonly message: string;
  /** Path of the field, such as `order.amount`; "body" for the whole. */
  readonly field: string;
};

export type FormatResult =
  | {
      readonly ok: true;
      readonly intent: SignalIntent /** The token inside the body, where the format has one. */;
      readonly secret: string | null;
    }
  | FormatFailure;

export type ParseContext = { /** Epoch ms. */ readonly receivedAt: number };

/** `quantity` in coins, 1 when absent. */
export type ExampleContext = { readonly symbol: string; readonly secret?: string; readonly quantity?: string };

/** One shape that senders post. `body` is JSON in which every number is its literal text (see `readBody`). */
export type SignalFormat = {
  readonly key: SignalFormatKey;
  /** The field in which an entry says its size. */
  readonly sizeField: string;
  /** Recognises the shape, cheaply; not whether it is valid. */
  matches(body: unknown): boolean;
  /** Never throws. */
  parse(body: unknown, context: ParseContext): FormatResult;
  /** A ready body that opens a long position; `{{id}}` and `{{timestamp}}` (ISO, UTC) are left to fill in. */
  example(context: ExampleContext): string;
};
