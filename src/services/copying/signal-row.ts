import { Prisma, type RawReader } from '@/platform/database/database';
import { timeOfText } from '@/platform/database/text-rows';

/** A signal as copying works with it. */
export type SignalRow = {
  readonly id: string;
  readonly tenantId: string;
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly format: string;
  /** A signal of our own: it stands in no lane. */
  readonly ours: boolean;
  readonly status: 'received' | 'planning' | 'dispatching' | 'done' | 'rejected';
  readonly claimToken: number;
  /** The parsed SignalIntent of domain/signal. */
  readonly intent: unknown;
  /** See `begunPlan`; null until planned. */
  readonly plan: unknown;
  readonly sentAt: Date;
  readonly expiresAt: Date;
};

type Row = Omit<SignalRow, 'ours' | 'intent' | 'plan' | 'sentAt' | 'expiresAt'> & {
  readonly ours: number;
  readonly intent: string;
  readonly plan: string | null;
  readonly sentAt: string;
  readonly expiresAt: string;
};

/** Whosever it is: a worker is told a signal's id alone. Null: there is none. */
export async function readSignal(db: RawReader, signalId: string): Promise<SignalRow | null> {
  const [row] = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT id, tenantId, sourceId, instrumentId, format, ours, status, claimToken, CAST(intent AS CHAR) AS intent,
      CAST(plan AS CHAR) AS plan, CAST(sentAt AS CHAR) AS sentAt,
      CAST(expiresAt AS CHAR) AS expiresAt FROM \`Signal\` WHERE id = ${signalId}`,
  );
  if (row === undefined) return null;
  return {
    ...row,
    ours: Number(row.ours) === 1,
    intent: JSON.parse(row.intent) as unknown,
    plan: row.plan === null ? null : (JSON.parse(row.plan) as unknown),
    sentAt: new Date(timeOfText(row.sentAt)),
    expiresAt: new Date(timeOfText(row.expiresAt)),
  };
}
