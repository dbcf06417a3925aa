import { isNaked, type NakedKind } from '@/domain/naked';
import type { PositionSide } from '@/domain/signal';
import { Prisma, type RawReader } from '@/platform/database/database';
import { KEY_WORKS } from '../accounts/health';

/** A position without its stop order, or one that has to go and is still held, for longer than it may take to mend that. */
export type NakedPosition = {
  readonly kind: NakedKind;
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  readonly customerId: string;
  readonly accountId: string;
  readonly since: Date;
  /** Why, as far as it is known: a code of ours or the venue's. */
  readonly code: string | null;
};

type Row = NakedPosition & { readonly lasted: unknown; readonly unhinderedFor: unknown; readonly hindered: unknown };

/** What rows say of obstacles now; whether the venue answers only workers know, and note in `hinderedAt`. */
const HINDERED = Prisma.sql`('halt' IN (f.killSwitch, n.killSwitch, g.killSwitch, c.killSwitch) OR c.status <> 'active'
  OR NOT ${KEY_WORKS} OR i.state NOT IN ('live', 'unreadable', 'gone'))`;

const OWNERS = Prisma.sql`JOIN Tenant n ON n.id = r.tenantId
  JOIN Strategy g ON g.id = r.strategyId
  JOIN Customer c ON c.id = r.customerId
  JOIN ExchangeAccount a ON a.id = r.accountId
  LEFT JOIN Instrument i ON i.id = r.instrumentId
  LEFT JOIN Platform f ON 1 = 1`;

const since = (moment: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`TIMESTAMPDIFF(MICROSECOND, ${moment}, UTC_TIMESTAMP(3)) / 1000`;

/**
 * A tenant's naked positions, the oldest first. Each is named once: one that has to go is not missed a stop order. By the database's
 * clock.
 */
export async function findNaked(db: RawReader, tenantId: string): Promise<readonly NakedPosition[]> {
  const named = Prisma.sql`r.subscriptionId, r.instrumentId, r.side, r.customerId, r.accountId, r.code,
    ${since(Prisma.sql`r.hinderedAt`)} AS unhinderedFor, ${HINDERED} AS hindered`;
  const rows = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT 'stop' AS kind, r.uncoveredSince AS since, ${since(Prisma.sql`r.uncoveredSince`)} AS lasted, ${named}
        FROM Protection r ${OWNERS}
        JOIN Position p ON p.subscriptionId = r.subscriptionId AND p.instrumentId = r.instrumentId AND p.side = r.side
        WHERE r.tenantId = ${tenantId} AND r.uncoveredSince IS NOT NULL AND r.open = 1 AND p.quantity > 0 AND NOT EXISTS (SELECT 1 FROM PositionExit e
          WHERE e.subscriptionId = r.subscriptionId AND e.instrumentId = r.instrumentId AND e.side = r.side AND e.doneAt IS NULL)
      UNION ALL SELECT 'exit', r.dueAt, ${since(Prisma.sql`r.dueAt`)}, ${named}
        FROM PositionExit r ${OWNERS}
        WHERE r.tenantId = ${tenantId} AND r.doneAt IS NULL
      ORDER BY since`,
  );
  return rows
    .filter(({ lasted, unhinderedFor, hindered }) =>
      isNaked({
        lasted: Number(lasted),
        unhinderedFor: unhinderedFor === null ? null : Number(unhinderedFor),
        hindered: Number(hindered) === 1,
      }),
    )
    .map(({ lasted: _lasted, unhinderedFor: _unhindered, hindered: _hindered, ...position }) => position);
}
