import type { AccountMode } from '@/domain/account-mode';
import type { MarginMode, PositionMode, VenueAccount } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { textRows } from '@/platform/database/text-rows';
import { openCredentials } from '../accounts/credentials';
import { KEY_IS_OWN } from '../accounts/health';

/** An account as execution needs it, its key opened. */
export type TradingAccount = {
  readonly id: string;
  readonly tenantId: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly marginMode: MarginMode;
  readonly positionMode: PositionMode;
  readonly access: VenueAccount;
};

const ACCOUNT = textRows({
  id: 'id',
  venue: 'venue',
  mode: 'mode',
  marginMode: 'marginMode',
  positionMode: 'positionMode',
  credentials: 'credentials',
});

/**
 * Reads accounts in one statement and opens their keys. An account whose key does not open is left out, and so is one whose key is
 * another account's or was never checked: nothing is asked or sent with it.
 */
export async function openAccounts(
  db: TenantClient,
  cipher: Cipher,
  tenantId: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, TradingAccount>> {
  const [tenant, rows] = await Promise.all([
    db.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { id: true, wrappedKey: true } }),
    accountIds.length === 0
      ? []
      : db.$queryRaw<{ row: string }[]>(
          Prisma.sql`SELECT ${ACCOUNT.columns} FROM ExchangeAccount a WHERE tenantId = ${tenantId} AND id IN (${Prisma.join([...accountIds])}) AND ${KEY_IS_OWN}`,
        ),
  ]);
  const tenantCipher = cipher.forTenant(tenant);
  const accounts = new Map<string, TradingAccount>();
  for (const text of rows) {
    const { id, venue, credentials, ...row } = ACCOUNT.read(text);
    if (id === null || venue === null || credentials === null) continue;
    const mode = row.mode as AccountMode;
    const marginMode = row.marginMode as MarginMode;
    const positionMode = row.positionMode as PositionMode;
    try {
      const access = {
        accountId: id,
        line: tenantId,
        mode,
        credentials: openCredentials(tenantCipher, { id, credentials }),
      };
      accounts.set(id, { id, tenantId, venue, mode, marginMode, positionMode, access });
    } catch {
      // The caller reports the missing account as CREDENTIALS_UNREADABLE: nothing about the key may be told here.
    }
  }
  return accounts;
}
