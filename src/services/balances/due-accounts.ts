import type { AccountMode } from '@/domain/account-mode';
import { BALANCE_ASKED_AFTER } from '@/domain/balance-age';
import { Prisma, type RawReader } from '@/platform/database/database';
import { required, textRows } from '@/platform/database/text-rows';
import { TRADES } from '../execution/trading-accounts';

/** The code of an account of which the venue does not tell what it is worth. */
export const EQUITY_UNKNOWN = 'EQUITY_UNKNOWN';

/** Accounts of one list at most; what is beyond comes with the next. */
const MOST = 10_000;

/** An account that trades and whose balance is to be asked for. */
export type DueAccount = {
  readonly id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly healthy: boolean;
  /** ms by the database's clock; null: no balance was ever told. */
  readonly age: number | null;
};

const ROW = textRows({
  id: 'a.id',
  tenantId: 'a.tenantId',
  customerId: 'a.customerId',
  venue: 'a.venue',
  mode: 'a.mode',
  health: 'a.health',
  age: 'TIMESTAMPDIFF(MICROSECOND, a.equityAt, UTC_TIMESTAMP(3)) DIV 1000',
});

const seconds = (ms: number): Prisma.Sql => Prisma.raw(String(Math.floor(ms / 1000)));

/** Those of which nothing was told for a while, the oldest first. */
export async function readDueAccounts(db: RawReader): Promise<readonly DueAccount[]> {
  const rows = await db.$queryRaw<{ row: string }[]>(
    Prisma.sql`SELECT ${ROW.columns} FROM ExchangeAccount a WHERE ${TRADES}
      AND (a.equityAt IS NULL OR a.equityAt < UTC_TIMESTAMP(3) - INTERVAL ${seconds(BALANCE_ASKED_AFTER)} SECOND)
      ORDER BY a.equityAt LIMIT ${Prisma.raw(String(MOST))}`,
  );
  return rows.map((text) => {
    const row = ROW.read(text);
    return {
      id: required(row, 'id'),
      tenantId: required(row, 'tenantId'),
      customerId: required(row, 'customerId'),
      venue: required(row, 'venue'),
      mode: required(row, 'mode') as AccountMode,
      healthy: row.health === 'healthy',
      age: row.age === null ? null : Number(row.age),
    };
  });
}

export type LimitedAccount = Pick<DueAccount, 'id' | 'tenantId' | 'customerId'>;

/** Those that were limited because nobody knew what they are worth, and of which it is known again. */
export function readKnownAgain(db: RawReader): Promise<readonly LimitedAccount[]> {
  return db.$queryRaw<LimitedAccount[]>(
    Prisma.sql`SELECT a.id, a.tenantId, a.customerId FROM ExchangeAccount a
      WHERE a.health = 'limited' AND a.healthCode = ${EQUITY_UNKNOWN}
        AND a.equityAt >= UTC_TIMESTAMP(3) - INTERVAL ${seconds(BALANCE_ASKED_AFTER)} SECOND
      LIMIT ${Prisma.raw(String(MOST))}`,
  );
}
