import { type AccountChange, adminRoom, customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import type { AccountMode } from '@/domain/account-mode';
import type { AccountClient, Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { type Clock, systemClock } from '@/platform/clock';
import type { Database, Transaction } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { audited } from '../audit/audit-trail';
import { queueAccountFailing } from '../notifications/queue';
import { decimalText } from '../view-fields';
import { openCredentials } from './credentials';
import { checkAccount, type PreflightResult } from './preflight-checks';

export type PreflightDeps = {
  readonly database: Database;
  readonly cipher: Cipher;
  /** Throws for a venue that this installation does not have. */
  readonly venue: (key: string) => Pick<Venue, 'account' | 'market'>;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  readonly logger: Logger;
  readonly clock?: Clock;
};

/**
 * Checks an account's key at its venue, keeps the result in its row and tells the pages. Runs in a worker: the key is
 * opened here, and only while the check runs. An account that no longer exists is nothing to do.
 */
export async function runPreflight(deps: PreflightDeps, accountId: string): Promise<void> {
  const clock = deps.clock ?? systemClock;
  const row = await deps.database.system.exchangeAccount.findUnique({
    where: { id: accountId },
    include: { tenant: { select: { id: true, wrappedKey: true } } },
  });
  if (row === null) return;
  const result = await check(deps, row, () => clock.now());
  const { config, balance } = result;
  // An outage says nothing about a key that worked before.
  const keeps = result.unreachable && row.health === 'healthy';
  const health = result.failure === null || keeps ? ('healthy' as const) : ('failing' as const);
  const healthCode = health === 'failing' ? result.failure : null;
  const now = new Date(clock.now());
  const written = await audited(
    { database: deps.database, clock },
    { tenantId: row.tenantId, system: true },
    async (tx, note) => {
      // Only while the row still has the key that was checked.
      const { count } = await tx.exchangeAccount.updateMany({
        where: { id: accountId, credentials: row.credentials },
        data: {
          health,
          healthCode,
          preflight: result.preflight,
          checkedAt: now,
          ...(config === null ? {} : { positionMode: config.positionMode }),
          ...(balance === null ? {} : { equity: balance.equity, available: balance.available, equityAt: now }),
        },
      });
      if (count > 0 && (row.health !== health || row.healthCode !== healthCode)) {
        note('account.health', `account:${accountId}`, { from: row.health, to: health, code: healthCode });
      }
      // Who enters a key that never worked sees so at once; a key that stops working is told to those who don't look.
      if (count > 0 && row.health === 'healthy' && healthCode !== null) {
        const about = { tenantId: row.tenantId, accountId, code: healthCode, now: now.getTime() };
        await queueAccountFailing(tx as unknown as Transaction, about);
      }
      return count > 0;
    },
  );
  if (!written) return;
  deps.logger.info({ accountId, health, healthCode }, 'pre-flight done');
  const equity = balance?.equity ?? (row.equity === null ? null : decimalText(row.equity));
  const change: AccountChange = {
    accountId,
    customerId: row.customerId,
    health,
    healthCode,
    equity,
    stream: null,
  };
  await deps.publish(
    [adminRoom(row.tenantId), customerRoom(row.customerId)].map((room) => ({
      room,
      event: 'account_update' as const,
      payload: [change],
    })),
  );
}

type Row = {
  readonly id: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly credentials: string;
  readonly tenant: { readonly id: string; readonly wrappedKey: string };
};

async function check(deps: PreflightDeps, row: Row, now: () => number): Promise<PreflightResult> {
  const credentials = openKey(deps.cipher, row);
  // What throws here: this installation does not offer the venue or the mode. The checks report it.
  const time = () => deps.venue(row.venue).market(row.mode).getTime();
  const account = (): AccountClient | null =>
    credentials && deps.venue(row.venue).account({ accountId: row.id, mode: row.mode, credentials });
  return checkAccount(time, account, row.mode === 'simulated', now);
}

function openKey(cipher: Cipher, row: Row) {
  try {
    return openCredentials(cipher.forTenant(row.tenant), row);
  } catch {
    return null;
  }
}
