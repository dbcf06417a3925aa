import { type Dec, toText } from '@/domain/decimal';
import type { VenuePosition } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { type BulkColumns, bulkInsert } from '@/platform/database/bulk';
import { Prisma, type TenantClient } from '@/platform/database/database';
import type { Placeable } from './order-executor';

/*
 * What accounts are known to use, so that it is set only where it differs. Anybody can change it at the venue: a note that was not
 * confirmed for a while is not trusted, and the leverage is set before the next entry leaves.
 */

/** A note is trusted for this long after it was written or confirmed, minutes. */
const TRUSTED_FOR = 30;

/** Whether a note (a row of AccountLeverage) is trusted, as SQL. One from the future was written by a clock that is wrong. */
export const IS_TRUSTED = `updatedAt BETWEEN UTC_TIMESTAMP(3) - INTERVAL ${TRUSTED_FOR} MINUTE AND UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE`;

const COLUMNS = {
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  marginMode: 'VARCHAR(64)',
  leverage: 'DECIMAL(36,18)',
  refusedAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;

/** Forgets what was noted where positions at the venue use another leverage: somebody changed it by hand. */
export async function forgetOtherLeverages(
  db: TenantClient,
  account: { readonly id: string; readonly venue: string },
  held: readonly Pick<VenuePosition, 'symbol' | 'marginMode' | 'leverage'>[],
): Promise<void> {
  if (held.length === 0) return;
  await db.accountLeverage.deleteMany({
    where: {
      accountId: account.id,
      OR: held.map(({ symbol, marginMode, leverage }) => ({
        instrumentId: `${account.venue}:${symbol}`,
        marginMode,
        leverage: { not: leverage },
      })),
    },
  });
}

/** What an account is noted to use in an instrument. */
export type LeverageNote = {
  readonly instrumentId: string;
  readonly leverage: string;
  readonly updatedAt: Date;
};

/** The notes of an account in the margin mode that it trades with. */
export async function readLeverageNotes(
  db: TenantClient,
  account: { readonly id: string; readonly marginMode: 'cross' | 'isolated' },
): Promise<readonly LeverageNote[]> {
  const rows = await db.accountLeverage.findMany({
    where: { accountId: account.id, marginMode: account.marginMode },
    select: { instrumentId: true, leverage: true, updatedAt: true },
  });
  return rows.map(({ leverage, ...row }) => ({ ...row, leverage: leverage.toFixed() }));
}

/** The venue was asked: a note that is true is trusted again, another one is forgotten. One that was written since says more. */
export async function confirmLeverage(
  db: TenantClient,
  tenantId: string,
  accountId: string,
  { instrumentId, leverage, updatedAt }: LeverageNote,
  standing: string,
): Promise<void> {
  const isTrue = Number(standing) === Number(leverage);
  const note = Prisma.sql`tenantId = ${tenantId} AND accountId = ${accountId} AND instrumentId = ${instrumentId} AND updatedAt = ${updatedAt}`;
  await db.$executeRaw(
    isTrue
      ? Prisma.sql`UPDATE AccountLeverage SET updatedAt = UTC_TIMESTAMP(3) WHERE ${note}`
      : Prisma.sql`DELETE FROM AccountLeverage WHERE ${note}`,
  );
}

/** What an account is known to use now. `fixed`: the venue refused to change it. */
export type KnownLeverage = { readonly item: Placeable; readonly leverage: Dec; readonly fixed: boolean };

/** Notes what was set or found, so that it need not be set again and the next entry is sized for it. */
export async function rememberLeverages(
  db: TenantClient,
  tenantId: string,
  known: readonly KnownLeverage[],
): Promise<void> {
  const now = new Date(currentTime());
  await bulkInsert(
    db,
    'AccountLeverage',
    tenantId,
    COLUMNS,
    known.map(({ item: { trade, account }, leverage, fixed }) => ({
      accountId: account.id,
      instrumentId: trade.instrumentId,
      marginMode: account.marginMode,
      leverage: toText(leverage),
      refusedAt: fixed ? now : null,
      updatedAt: now,
    })),
    { replace: ['leverage', 'refusedAt', 'updatedAt'] },
  );
}
