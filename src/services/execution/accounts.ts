import type { AccountMode, MarginMode, PositionMode, VenueAccount } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import type { TenantClient } from '@/platform/database/database';
import { openCredentials } from '../accounts/credentials';

/** An account as execution needs it; its key is opened only while a dispatch runs. */
export type TradingAccount = {
  readonly id: string;
  readonly tenantId: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly marginMode: MarginMode;
  readonly positionMode: PositionMode;
  readonly access: VenueAccount;
};

/** Reads accounts in one statement and opens their keys. An account whose key does not open is left out. */
export async function openAccounts(
  db: TenantClient,
  cipher: Cipher,
  tenantId: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, TradingAccount>> {
  const [tenant, rows] = await Promise.all([
    db.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { id: true, wrappedKey: true } }),
    db.exchangeAccount.findMany({
      where: { id: { in: [...accountIds] } },
      select: {
        id: true,
        tenantId: true,
        venue: true,
        mode: true,
        marginMode: true,
        positionMode: true,
        credentials: true,
      },
    }),
  ]);
  const tenantCipher = cipher.forTenant(tenant);
  const accounts = new Map<string, TradingAccount>();
  for (const row of rows) {
    try {
      const access = { accountId: row.id, mode: row.mode, credentials: openCredentials(tenantCipher, row) };
      const { id, venue, mode, marginMode, positionMode } = row;
      accounts.set(id, { id, tenantId, venue, mode, marginMode, positionMode, access });
    } catch {
      // The caller reports the missing account as CREDENTIALS_UNREADABLE: nothing about the key may be told here.
    }
  }
  return accounts;
}
