import {
  type BulkColumns,
  type BulkRow,
  bulkInsert,
  bulkInsertPacked,
  type Since,
  selectPacked,
} from '@/platform/database/bulk';
import { Prisma, type RawReader, type RawWriter, type Statements } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { type PackedRows, type PackedShape, packRows, unpackRows } from '@/platform/database/packed-rows';
import { sqlTime } from '@/platform/database/text-rows';
import { insertUnfolded, withAnswers } from './unfold-in-halves';

/*
 * The trades of a signal are written ahead as one row for each part of its followers, and what the venue answered is written beside
 * them; both take MySQL a few milliseconds. Then they become rows of Trade, each written once and with its answer, which takes it a
 * tenth of a second for a thousand. Whoever needs such a row before that unfolds the plan himself: a plan is unfolded once, whoever
 * comes first.
 */

const COLUMNS = {
  id: 'CHAR(32)',
  signalId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  subscriptionId: 'CHAR(32)',
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  leg: 'VARCHAR(64)',
  round: 'INT',
  side: 'VARCHAR(64)',
  positionSide: 'VARCHAR(64)',
  reduceOnly: 'INT',
  orderType: 'VARCHAR(64)',
  limitPrice: 'DECIMAL(36,18)',
  leverage: 'DECIMAL(36,18)',
  quantity: 'DECIMAL(36,18)',
  decisionPrice: 'DECIMAL(36,18)',
  status: 'VARCHAR(64)',
  code: 'VARCHAR(64)',
  sendBy: 'DATETIME(3)',
  createdAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
  detail: 'LONGTEXT',
  decision: 'LONGTEXT',
} as const satisfies BulkColumns;

/** A trade as it is written ahead. */
export type PlannedTradeRow = BulkRow<typeof COLUMNS>;

/** Writes trades as rows at once, where others have to see them. */
export async function insertPlanned(
  db: RawWriter,
  tenantId: string,
  trades: readonly PlannedTradeRow[],
): Promise<void> {
  await bulkInsert(db, 'Trade', tenantId, COLUMNS, trades);
}

/** A plan as it is stored. */
export function packPlan(trades: readonly PlannedTradeRow[]): PackedRows {
  return packRows(COLUMNS, trades, ['id']);
}

/**
 * What writes a part of a signal's trades as one row, in the transaction that checks the claim; nothing where there are none. A trade
 * needs less than a kilobyte; a server takes statements of 16 MB unless it is told otherwise.
 */
export function planAhead(
  { tenantId, signalId }: { readonly tenantId: string; readonly signalId: string },
  part: number,
  trades: readonly PlannedTradeRow[],
  at: Date,
): readonly Prisma.Sql[] {
  if (trades.length === 0) return [];
  const { shape, json } = packPlan(trades);
  return [
    Prisma.sql`INSERT INTO WrittenPlan (tenantId, signalId, part, shape, trades, createdAt)
      VALUES (${tenantId}, ${signalId}, ${part}, ${JSON.stringify(shape)}, ${json}, ${at})`,
  ];
}

/** The venue took an order, at the first attempt. Times are epoch ms. */
export type Acceptance = {
  readonly id: string;
  readonly venueOrderId: string;
  readonly sentAt: number;
  readonly ackedAt: number;
};

/** Writes beside the parts of a plan which of their orders the venue took, as far as they are not rows already. */
export async function writeAcceptances(
  statements: Statements,
  tenantId: string,
  signalId: string,
  parts: ReadonlyMap<number, readonly Acceptance[]>,
): Promise<void> {
  if (parts.size === 0) return;
  const answers = [...parts].map(([part, taken]) => Prisma.sql`WHEN ${part} THEN ${packAcceptances(taken)}`);
  await statements.$executeRaw(
    Prisma.sql`UPDATE WrittenPlan SET answers = CASE part ${Prisma.join(answers, ' ')} END
      WHERE tenantId = ${tenantId} AND signalId = ${signalId} AND part IN (${Prisma.join([...parts.keys()])})`,
  );
}

export function packAcceptances(taken: readonly Acceptance[]): string {
  const time = (at: number): string => sqlTime(new Date(at));
  return JSON.stringify(
    taken.map(({ id, venueOrderId, sentAt, ackedAt }) => [id, venueOrderId, time(sentAt), time(ackedAt)]),
  );
}

/** The acceptances that are written beside a part, joined by a table of their own: the database gives that one an index. */
function sinceAnswered(where: Prisma.Sql): Since {
  const answer = (column: string) => (packed: Prisma.Sql) =>
    Prisma.sql`COALESCE(${Prisma.raw(`a.${column}`)}, ${packed})`;
  return {
    join: Prisma.sql`LEFT JOIN (
        SELECT k.* FROM WrittenPlan AS p JOIN JSON_TABLE(p.answers, '$[*]' COLUMNS (
          id CHAR(32) PATH '$[0]', venueOrderId VARCHAR(64) PATH '$[1]',
          sentAt DATETIME(3) PATH '$[2]', ackedAt DATETIME(3) PATH '$[3]')) AS k ON TRUE
        WHERE ${where} LIMIT 1000000
      ) AS a ON a.id = j.id`,
    values: {
      status: (packed) => Prisma.sql`IF(a.id IS NULL, ${packed}, 'live')`,
      attempts: () => Prisma.sql`IF(a.id IS NULL, 0, 1)`,
      venueOrderId: answer('venueOrderId'),
      sentAt: answer('sentAt'),
      ackedAt: answer('ackedAt'),
      updatedAt: answer('ackedAt'),
    },
  };
}

/** A plan that an earlier version wrote says nothing of rounds. */
function shapeFrom(text: string): PackedShape {
  const shape = JSON.parse(text) as PackedShape;
  if ('round' in shape.constant || shape.varying.includes('round')) return shape;
  return { ...shape, constant: { ...shape.constant, round: 0 } };
}

/**
 * Makes the trades of a plan, as far as it is written, rows of Trade; does nothing where that has been done. When it resolves, they are
 * there. Answers the parts that it made rows together with their acceptances.
 */
export async function unfoldPlan(
  statements: Statements,
  tenantId: string,
  signalId: string,
): Promise<ReadonlySet<number>> {
  try {
    return await unfoldWhole(statements, tenantId, signalId);
  } catch (error) {
    if (failureKind(error) === 'database') throw error;
    return unfoldInHalves(statements, tenantId, signalId);
  }
}

function unfoldWhole(statements: Statements, tenantId: string, signalId: string): Promise<ReadonlySet<number>> {
  return statements.transaction(async (tx) => {
    const answeredParts = new Set<number>();
    // Who comes second waits here, and finds nothing left to do.
    const parts = await tx.$queryRaw<{ part: number; shape: string; answered: number }[]>(
      Prisma.sql`SELECT part, shape, answers IS NOT NULL AS answered FROM WrittenPlan
        WHERE tenantId = ${tenantId} AND signalId = ${signalId} ORDER BY part FOR UPDATE`,
    );
    if (parts.length === 0) return answeredParts;
    for (const { part, shape, answered } of parts) {
      const where = Prisma.sql`p.tenantId = ${tenantId} AND p.signalId = ${signalId} AND p.part = ${part}`;
      const stored = { table: 'WrittenPlan', column: 'trades', where };
      const since = Number(answered) === 1 ? sinceAnswered(where) : undefined;
      if (since !== undefined) answeredParts.add(part);
      await bulkInsertPacked(tx, 'Trade', tenantId, COLUMNS, shapeFrom(shape), stored, since);
    }
    await tx.$executeRaw(
      Prisma.sql`DELETE FROM WrittenPlan WHERE tenantId = ${tenantId} AND signalId = ${signalId}
        AND part IN (${Prisma.join(parts.map(({ part }) => part))})`,
    );
    return answeredParts;
  });
}

/** The same row by row where it has to be: what cannot be a row as it is becomes one that says so. */
function unfoldInHalves(statements: Statements, tenantId: string, signalId: string): Promise<ReadonlySet<number>> {
  return statements.transaction(async (tx) => {
    const parts = await tx.$queryRaw<{ part: number; shape: string; trades: string; answers: string | null }[]>(
      Prisma.sql`SELECT part, shape, trades, answers FROM WrittenPlan
        WHERE tenantId = ${tenantId} AND signalId = ${signalId} ORDER BY part FOR UPDATE`,
    );
    for (const { shape, trades, answers } of parts) {
      const rows = withAnswers(unpackRows(shapeFrom(shape), trades), answers);
      await insertUnfolded(tx, tenantId, COLUMNS, rows);
    }
    await tx.$executeRaw(Prisma.sql`DELETE FROM WrittenPlan WHERE tenantId = ${tenantId} AND signalId = ${signalId}`);
    return new Set(parts.flatMap(({ part, answers }) => (answers === null ? [] : [part])));
  });
}

/** Unfolds every plan of a tenant that is still folded: for news of a trade that is no row yet. Answers how many there were. */
export async function unfoldPlans(statements: Statements, tenantId: string): Promise<number> {
  const plans = await statements.$queryRaw<{ signalId: string }[]>(
    Prisma.sql`SELECT DISTINCT signalId FROM WrittenPlan WHERE tenantId = ${tenantId}`,
  );
  for (const { signalId } of plans) await unfoldPlan(statements, tenantId, signalId);
  return plans.length;
}

/** What of a planned entry says how much margin it will bind. Numbers as SQL writes them. */
export type PlannedEntry = {
  readonly accountId: string;
  readonly instrumentId: string;
  /** Contracts, and coins in one of them. */
  readonly quantity: string;
  readonly contractValue: string;
  /** See `worthPrice`. Quote currency; null: nobody knew it. */
  readonly price: string | null;
  readonly leverage: string;
};

const OF_ENTRIES = [
  'accountId',
  'instrumentId',
  'leg',
  'side',
  'status',
  'quantity',
  'limitPrice',
  'decisionPrice',
  'leverage',
] as const;

/** Entries that other signals of a tenant have decided and that are no rows of Trade yet. */
export async function readPlannedEntries(
  db: RawReader,
  tenantId: string,
  exceptSignalId: string,
): Promise<readonly PlannedEntry[]> {
  const plans = await db.$queryRaw<{ signalId: string; part: number; shape: string }[]>(
    Prisma.sql`SELECT signalId, part, shape FROM WrittenPlan WHERE tenantId = ${tenantId} AND signalId <> ${exceptSignalId}`,
  );
  if (plans.length === 0) return [];
  const packed = plans.map(({ signalId, part, shape }) => {
    const where = Prisma.sql`p.tenantId = ${tenantId} AND p.signalId = ${signalId} AND p.part = ${part}`;
    const stored = { table: 'WrittenPlan', column: 'trades', where };
    return selectPacked(COLUMNS, OF_ENTRIES, shapeFrom(shape), stored);
  });
  return db.$queryRaw<PlannedEntry[]>(
    Prisma.sql`SELECT e.accountId, e.instrumentId, e.quantity, CAST(i.contractValue AS CHAR) AS contractValue,
        CASE WHEN e.side = 'sell' AND CAST(e.decisionPrice AS DECIMAL(36,18)) > CAST(e.limitPrice AS DECIMAL(36,18))
          THEN e.decisionPrice ELSE COALESCE(e.limitPrice, e.decisionPrice) END AS price, e.leverage
      FROM (${Prisma.join(packed, ' UNION ALL ')}) e JOIN Instrument i ON i.id = e.instrumentId
      WHERE e.leg = 'open' AND e.status = 'planned'`,
  );
}
