import { Prisma, type RawReader, type RawWriter } from '@/platform/database/database';

/** A lane of signals: a source and an instrument. */
export type Lane = { readonly tenantId: string; readonly sourceId: string; readonly instrumentId: string };

/**
 * The leader's signal whose turn it is in a lane, as far as it has come: what of it is written for followers. Two looks at a lane that
 * answer the same had no decision about its followers between them. "": all of them are finished.
 */
export type LaneFront = { readonly id: string | null; readonly mark: string };

type Row = { readonly id: string; readonly status: string; readonly mark: string };

const NOTHING: LaneFront = { id: null, mark: '' };

/** How far a lane has come now. */
export async function readFront(db: RawReader, lane: Lane): Promise<LaneFront> {
  const [row] = await db.$queryRaw<Row[]>(front(lane));
  return row === undefined ? NOTHING : { id: row.id, mark: `${row.id}|${row.status}|${row.mark}` };
}

function front({ tenantId, sourceId, instrumentId }: Lane): Prisma.Sql {
  // After whom its planning goes on changes with every part; once all are planned its status says so.
  return Prisma.sql`SELECT id, status, COALESCE(CAST(JSON_EXTRACT(plan, '$.next') AS CHAR), '') AS mark FROM \`Signal\`
    WHERE tenantId = ${tenantId} AND sourceId = ${sourceId} AND instrumentId = ${instrumentId} AND ours = FALSE
      AND status IN ('received', 'planning', 'dispatching') ORDER BY sequence LIMIT 1`;
}

/**
 * Holds a lane still until the transaction ends: its first signal is neither claimed nor written nor ended, or, where there is none, none
 * comes into it. A worker that is planning that signal now has lost it, because what it has read of the followers is about to change.
 * Answers false where the lane is not as it was seen.
 */
export async function holdLane(tx: RawReader & RawWriter, lane: Lane, seen: LaneFront): Promise<boolean> {
  const { tenantId, sourceId, instrumentId } = lane;
  const isAsSeen = async (): Promise<boolean> => (await readFront(tx, lane)).mark === seen.mark;
  await tx.$queryRaw(
    seen.id === null
      ? Prisma.sql`SELECT tenantId FROM SignalLane
          WHERE tenantId = ${tenantId} AND sourceId = ${sourceId} AND instrumentId = ${instrumentId} FOR UPDATE`
      : Prisma.sql`SELECT id FROM \`Signal\` WHERE tenantId = ${tenantId} AND id = ${seen.id} FOR UPDATE`,
  );
  if (!(await isAsSeen())) return false;
  if (seen.id === null) return true;
  await tx.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` SET claimToken = claimToken + 1, claimedUntil = '1970-01-01 00:00:01'
      WHERE tenantId = ${tenantId} AND id = ${seen.id} AND status IN ('received', 'planning')`,
  );
  return true;
}

/** Whether somebody is planning the lane's first signal, who needs a moment. */
export async function isBeingPlanned(db: RawReader, { tenantId, sourceId, instrumentId }: Lane): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>(
    Prisma.sql`SELECT id FROM \`Signal\` WHERE tenantId = ${tenantId} AND sourceId = ${sourceId} AND instrumentId = ${instrumentId}
      AND ours = FALSE AND status = 'planning' AND claimedUntil > UTC_TIMESTAMP(3) LIMIT 1`,
  );
  return rows.length > 0;
}
