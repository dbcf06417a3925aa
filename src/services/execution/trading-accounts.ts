import type { AccountMode } from '@/domain/account-mode';
import { Prisma, type RawReader } from '@/platform/database/database';
import { required, textRows } from '@/platform/database/text-rows';
import { KEY_MARK } from '../accounts/credentials';
import { KEY_WORKS } from '../accounts/health';

/*
 * The accounts of all tenants that trade: their keys were found to work, and somebody follows with them. Workers ask every few seconds, and
 * there are thousands.
 */
export const TRADES = Prisma.sql`${KEY_WORKS} AND EXISTS (
  SELECT 1 FROM Subscription s WHERE s.tenantId = a.tenantId AND s.accountId = a.id AND s.status <> 'ended')`;

const ACCOUNT = textRows({
  id: 'a.id',
  tenantId: 'a.tenantId',
  customerId: 'a.customerId',
  keyMark: KEY_MARK,
});

export type TradingAccountKey = {
  readonly id: string;
  readonly tenantId: string;
  readonly customerId: string;
  /** Says when the sealed key has become another one. */
  readonly keyMark: string;
};

export async function readTradingAccounts(db: RawReader): Promise<readonly TradingAccountKey[]> {
  const rows = await db.$queryRaw<{ row: string }[]>(
    Prisma.sql`SELECT ${ACCOUNT.columns} FROM ExchangeAccount a WHERE ${TRADES}`,
  );
  const accounts: TradingAccountKey[] = [];
  for (const text of rows) {
    const row = ACCOUNT.read(text);
    accounts.push({
      id: required(row, 'id'),
      tenantId: required(row, 'tenantId'),
      customerId: required(row, 'customerId'),
      keyMark: required(row, 'keyMark'),
    });
  }
  return accounts;
}

export type UsedMode = { readonly venue: string; readonly mode: AccountMode };

/** Where those accounts trade. */
export function readUsedModes(db: RawReader): Promise<readonly UsedMode[]> {
  return db.$queryRaw<UsedMode[]>(Prisma.sql`SELECT DISTINCT a.venue, a.mode FROM ExchangeAccount a WHERE ${TRADES}`);
}
