import { z } from 'zod';
import { EXIT_CAUSES, EXIT_OBSTACLES } from '@/domain/exit';
import { decimalSchema, idSchema, pageQuerySchema, timeSchema } from './common';

/** Why a position has to go, and what is in the way. */
export const exitReasonSchema = z.object({
  /**
   * flatten: a kill switch says so · crossed: the market passed its stop-loss or take-profit before the venue could hold it ·
   * leader_left: its source does not stand on that side any more · share: its source closed a part, and its share of that is still held
   */
  cause: z.enum(EXIT_CAUSES),
  dueAt: timeSchema,
  /** What keeps it from being tried at all; null: nothing. */
  obstacle: z.enum(EXIT_OBSTACLES).nullable(),
  /** What came of the last attempt: a code of ours or of the venue, and the venue's words. Null: nothing went wrong so far. */
  code: z.string().nullable(),
  message: z.string().nullable(),
  /** Attempts since the last one that closed a part. */
  attempts: z.number().int(),
  /** Null: it is being closed now, nothing is tried while the obstacle stands, or it is done. */
  nextAttemptAt: timeSchema.nullable(),
});
export type ExitReason = z.infer<typeof exitReasonSchema>;

/** A position, or a part of it, that has to go although no signal of its source closes it; each position's last. */
export const exitSchema = exitReasonSchema.extend({
  subscriptionId: idSchema,
  customerId: idSchema,
  customerName: z.string(),
  accountId: idSchema,
  accountLabel: z.string(),
  strategyId: idSchema,
  strategyName: z.string(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  /** The signal that closes it now. */
  signalId: idSchema.nullable(),
  /** What is held now, contracts and base coins. */
  held: decimalSchema,
  heldBase: decimalSchema,
  /** When operators and the customer were told; null: they were not. */
  toldAt: timeSchema.nullable(),
  /** Null: it is due. */
  doneAt: timeSchema.nullable(),
  /** It ended with something held, because it has not to go any more: the switch was released, say. */
  lapsed: z.boolean(),
});
export type ExitView = z.infer<typeof exitSchema>;

export const exitQuerySchema = pageQuerySchema.extend({
  customerId: idSchema.optional(),
  cause: z.enum(EXIT_CAUSES).optional(),
  state: z.enum(['open', 'done']).optional(),
});
