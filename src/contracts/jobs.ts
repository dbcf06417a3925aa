import { z } from 'zod';

/** Every Bull job, named once: payload, attempts, back-off and how many run at once in one worker. Jobs carry ids only. */
export const JOBS = {
  /**
   * Tells a worker of a signal to be copied. The row's claim owns correctness; a lost or doubled job does no harm. Done as soon as the
   * worker has taken it: whose turn it is, is decided there. `tenantId` empty: whoever sends it does not know. `ours`: a signal of our own, which closes.
   */
  'copy-signal': {
    payload: z.strictObject({
      signalId: z.string(),
      tenantId: z.string().default(''),
      ours: z.boolean().default(false),
    }),
    attempts: 5,
    backoffMs: 500,
    concurrency: 16,
  },
  /** Checks one account's key at its venue. Someone waits for the answer, so it is tried once more at most. */
  'preflight-account': {
    payload: z.strictObject({ accountId: z.string() }),
    attempts: 2,
    backoffMs: 500,
    concurrency: 4,
  },
} as const;
