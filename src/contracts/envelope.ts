import { z } from 'zod';

/** Every API answer is one of these two shapes, with the HTTP status of its code and an X-Request-Id. */
export const ERROR_STATUS = {
  VALIDATION_ERROR: 400,
  UNKNOWN_FORMAT: 400,
  UNKNOWN_SYMBOL: 400,
  AMBIGUOUS_SYMBOL: 400,
  UNSUPPORTED_FIELD: 400,
  DUPLICATE_FIELD: 400,
  UNAUTHENTICATED: 401,
  INSUFFICIENT_FUNDS: 402,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  STALE_SIGNAL: 422,
  RISK_REJECTED: 422,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UPSTREAM_ERROR: 502,
  EXCHANGE_UNAVAILABLE: 503,
  UNAVAILABLE: 503,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  /** The field of the request that was wrong, as a dotted path. */
  field: z.string().optional(),
  details: z.unknown().optional(),
});
export type ErrorBody = z.infer<typeof errorBody>;

export const failureSchema = z.object({ success: z.literal(false), error: errorBody });
export const successSchema = <T extends z.ZodType>(data: T) => z.object({ success: z.literal(true), data });

export type Success<T> = { success: true; data: T };
export type Failure = { success: false; error: ErrorBody };
export type Envelope<T> = Success<T> | Failure;

/** An expected failure with its code; the edge turns it into the envelope. Anything else thrown is INTERNAL. */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly extra: { readonly field?: string; readonly details?: unknown; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'AppError';
  }
  get status(): number {
    return ERROR_STATUS[this.code];
  }
  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.extra.field === undefined ? {} : { field: this.extra.field }),
      ...(this.extra.details === undefined ? {} : { details: this.extra.details }),
    };
  }
}
