import type { ExitReason } from '@/contracts/api/exits';
import type { ExitCause, ExitObstacle } from '@/domain/exit';
import { Prisma } from '@/platform/database/database';
import { timeText } from '../view-fields';

/** What a page says of an exit, of the row `x` of PositionExit. */
export const REASON_COLUMNS = Prisma.sql`x.cause, x.dueAt, x.doneAt, x.obstacle, x.code AS exitCode, x.message AS exitMessage,
  x.attempts, x.nextAt, x.signalId`;

export type ReasonRow = {
  cause: ExitCause;
  dueAt: Date;
  doneAt: Date | null;
  obstacle: ExitObstacle | null;
  exitCode: string | null;
  exitMessage: string | null;
  attempts: number;
  nextAt: Date;
  signalId: string | null;
};

export function exitReasonOf(row: ReasonRow): ExitReason {
  const waits = row.doneAt === null && row.signalId === null && row.obstacle === null;
  return {
    cause: row.cause,
    dueAt: timeText(row.dueAt),
    obstacle: row.obstacle,
    code: row.exitCode,
    message: row.exitMessage,
    attempts: Number(row.attempts),
    nextAttemptAt: waits ? timeText(row.nextAt) : null,
  };
}
