import { type AccountChange, adminRoom, customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import type { AccountHealth } from '@/domain/account-health';
import type { AccountMode } from '@/domain/account-mode';
import type { AccountClient, MarginMode, PositionMode, Venue } from '@/exchanges/port';
import type { Cipher } from '@/platform/cipher';
import { type Clock, systemClock } from '@/platform/clock';
import type { Database, Transaction } from '@/platform/database/database';
import { isUniqueViolation } from '@/platform/database/retry';
import type { Logger } from '@/platform/log';
import { audited } from '../audit/audit-trail';
import type { SettingChange } from '../notifications/events';
import { queueAccountFailing } from '../notifications/queue';
import { queueSettingsChanged } from '../notifications/settings-changed';
import { decimalText } from '../view-fields';
import { openCredentials } from './credentials';
import { keyWorked, OTHER_ACCOUNT } from './health';
import { checkAccount, type PreflightResult } from './preflight-checks';
import { failedIdentity, isOfAnotherAccount, type KnownIdentity, tradesAs, withRelatives } from './venue-identity';

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
 * opened here, and only while the check runs. An account that no longer exists is nothing to do. Answers whether the venue told how the
 * account is set, and it was written.
 */
export async function runPreflight(deps: PreflightDeps, accountId: string): Promise<boolean> {
  const clock = deps.clock ?? systemClock;
  const row = await deps.database.system.exchangeAccount.findUnique({
    where: { id: accountId },
    include: { tenant: { select: { id: true, wrappedKey: true } } },
  });
  if (row === null || row.endedAt !== null) return false;
  const checked = await check(deps, row, () => clock.now());
  const written = await keep(deps, row, checked, clock).catch((error: unknown) => {
    // Another row trades with this account, wherever it is: nobody is told more than that.
    if (!isUniqueViolation(error)) throw error;
    return keep(deps, row, failedIdentity(checked, 'ACCOUNT_IN_USE'), clock);
  });
  if (written === null) return false;
  const { health, healthCode, balance } = written;
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
  return checked.config !== null;
}

type Row = KnownIdentity & {
  readonly tenantId: string;
  readonly venue: string;
  readonly mode: AccountMode;
  readonly marginMode: MarginMode;
  readonly positionMode: PositionMode;
  readonly accountLevel: string | null;
  readonly credentials: string;
  readonly health: AccountHealth;
  readonly healthCode: string | null;
  readonly tenant: { readonly id: string; readonly wrappedKey: string };
};

type Kept = {
  readonly health: AccountHealth;
  readonly healthCode: string | null;
  readonly balance: PreflightResult['balance'];
};

/** Writes what was found; null: the row has another key by now. Throws a unique violation where another row trades as this account. */
async function keep(
  { database }: Pick<PreflightDeps, 'database'>,
  row: Row,
  checked: PreflightResult,
  clock: Clock,
): Promise<Kept | null> {
  const now = new Date(clock.now());
  const relatives = await countRelatives(database, row, checked.config);
  return audited({ database, clock }, { tenantId: row.tenantId, system: true }, async (tx, note) => {
    const foreign = checked.config !== null && (await isOfAnotherAccount(tx, row, checked.config));
    const result = foreign ? failedIdentity(checked, OTHER_ACCOUNT) : withRelatives(checked, relatives);
    // An outage says nothing about a key that worked before.
    const worked = result.unreachable && keyWorked(row.health);
    // A key stays another account's until the venue says whose it is.
    const keeps = worked || (checked.config === null && row.healthCode === OTHER_ACCOUNT);
    const { health, healthCode } = keeps ? row : { health: result.health, healthCode: result.failure };
    const isProven = checked.config !== null && !foreign;
    const balance = foreign ? null : result.balance;
    // Only while the row still has the key that was checked.
    const { count } = await tx.exchangeAccount.updateMany({
      where: { id: row.id, credentials: row.credentials },
      data: {
        // What is kept may have been changed meanwhile, by who found the account limited.
        ...(keeps ? {} : { health, healthCode }),
        ...(isProven ? { keyUnproven: false } : {}),
        preflight: result.preflight,
        checkedAt: now,
        ...(foreign ? {} : readings(row, result, now)),
      },
    });
    if (count === 0) return null;
    const changes = foreign ? [] : changesOf(row, result);
    const isOther = !foreign && checked.config !== null && row.venueUserId !== checked.config.venueUserId;
    // What was noted of another account's leverage says nothing of this one's, nor what was noted in another mode.
    if (isOther || changes.length > 0) await tx.accountLeverage.deleteMany({ where: { accountId: row.id } });
    for (const { setting, from, to } of changes) note('account.settings', `account:${row.id}`, { setting, from, to });
    if (!isOther) {
      const changed = [{ accountId: row.id, changes }];
      await queueSettingsChanged(tx as unknown as Transaction, row.tenantId, changed, now.getTime());
    }
    if (row.health !== health || row.healthCode !== healthCode) {
      note('account.health', `account:${row.id}`, { from: row.health, to: health, code: healthCode });
    }
    // Who enters a key that never worked sees so at once; a key that stops working is told to those who don't look.
    const isWorse = row.health === 'healthy' || (row.health === 'limited' && health === 'failing');
    if (isWorse && (health === 'limited' || health === 'failing') && healthCode !== null) {
      const about = { tenantId: row.tenantId, accountId: row.id, health, code: healthCode, now: now.getTime() };
      await queueAccountFailing(tx as unknown as Transaction, about);
    }
    return { health, healthCode, balance };
  });
}

/** What its owner changed at the venue since it was asked last. */
function changesOf(row: Row, { config }: PreflightResult): readonly SettingChange[] {
  if (config === null || row.venueUserId === null) return [];
  const changes: SettingChange[] = [];
  if (config.positionMode !== row.positionMode) {
    changes.push({ setting: 'position_mode', symbol: null, from: row.positionMode, to: config.positionMode });
  }
  if (row.accountLevel !== null && config.level !== row.accountLevel) {
    changes.push({ setting: 'account_mode', symbol: null, from: row.accountLevel, to: config.level });
  }
  return changes;
}

/** What the venue said of the account itself. */
function readings(row: Row, result: PreflightResult, now: Date) {
  const { config, balance } = result;
  return {
    ...(config === null
      ? {}
      : {
          positionMode: config.positionMode,
          accountLevel: config.level,
          venueUserId: config.venueUserId,
          venueOwnerId: config.venueOwnerId,
          tradesAs: tradesAs(row, result),
        }),
    ...(balance === null ? {} : { equity: balance.equity, available: balance.available, equityAt: now }),
  };
}

/** Other accounts of the same owner that trade in this installation: the venue lets them share some of its limits. */
async function countRelatives(database: Database, row: Row, config: PreflightResult['config']): Promise<number> {
  if (config === null) return 0;
  const { venue, mode, id } = row;
  const { venueOwnerId, venueUserId } = config;
  return database.system.exchangeAccount.count({
    where: { venue, mode, venueOwnerId, tradesAs: { not: null }, venueUserId: { not: venueUserId }, id: { not: id } },
  });
}

async function check(deps: PreflightDeps, row: Row, now: () => number): Promise<PreflightResult> {
  const credentials = openKey(deps.cipher, row);
  // What throws here: this installation does not offer the venue or the mode. The checks report it.
  const time = () => deps.venue(row.venue).market(row.mode).getTime();
  const account = (): AccountClient | null =>
    credentials && deps.venue(row.venue).account({ accountId: row.id, mode: row.mode, credentials });
  return checkAccount(time, account, { simulated: row.mode === 'simulated', marginMode: row.marginMode }, now);
}

function openKey(cipher: Cipher, row: Row) {
  try {
    return openCredentials(cipher.forTenant(row.tenant), row);
  } catch {
    return null;
  }
}
