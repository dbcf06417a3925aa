import { type BulkColumns, bulkInsert } from '@/platform/database/bulk';
import { newId, newToken, sha256 } from '@/platform/ids';
import { sealCredentials } from '@/services/accounts/credentials';
import { tokenPlace } from '@/services/sources/sealed-fields';
import { type BenchWorld, INSTRUMENT } from './bench-world';

const BALANCE = '10000000';
/** Rows in one statement. */
const CHUNK = 1000;

export type Key = { readonly apiKey: string; readonly secret: string; readonly passphrase: string };

/** A tenant with one source, one strategy and its followers. */
export type Tenant = {
  readonly id: string;
  readonly sourceId: string;
  readonly strategyId: string;
  /** Path of the webhook. */
  readonly token: string;
  readonly customerIds: readonly string[];
  readonly accountIds: readonly string[];
  readonly subscriptionIds: readonly string[];
};

/** A key as an exchange gives it: 36 characters of hexadecimal groups, 32 of hexadecimal, a word. */
export function makeKey(): Key {
  const id = newId();
  return {
    apiKey: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16)}`,
    secret: newId(),
    passphrase: 'Bench-1234',
  };
}

/** Makes a tenant whose followers each have a customer, an account in net mode and a ratio of their own. */
export async function makeTenant(world: BenchWorld, followers: number): Promise<Tenant> {
  const id = newId();
  const wrappedKey = world.cipher.newWrappedKey(id);
  await world.database.system.tenant.create({ data: { id, name: `Bench ${followers}`, slug: id, wrappedKey } });
  const db = world.database.forTenant(id);
  const cipher = world.cipher.forTenant({ id, wrappedKey });
  const token = newToken();
  const sourceId = newId();
  await db.signalSource.create({
    data: {
      id: sourceId,
      tenantId: id,
      name: 'Leader',
      venue: 'okx',
      format: 'native',
      tokenHash: sha256(token),
      tokenSealed: cipher.seal(token, tokenPlace(sourceId)),
      maxLagMs: 300_000,
    },
  });
  const strategyId = newId();
  await db.strategy.create({
    data: {
      id: strategyId,
      tenantId: id,
      signalSourceId: sourceId,
      name: 'Strategy',
      followRatio: '0.1',
      defaultLeverage: '10',
      maxLeverage: '20',
    },
  });
  const now = new Date();
  const people = Array.from({ length: followers }, (_, index) => ({
    index,
    customerId: newId(),
    accountId: newId(),
    subscriptionId: newId(),
  }));
  for (let start = 0; start < people.length; start += CHUNK) {
    const part = people.slice(start, start + CHUNK);
    const times = { createdAt: now, updatedAt: now };
    await bulkInsert(
      db,
      'Customer',
      id,
      CUSTOMER,
      part.map(({ index, customerId }) => ({
        id: customerId,
        name: `Customer ${index}`,
        initialBalance: BALANCE,
        maxLeverage: '20',
        ...times,
      })),
    );
    await bulkInsert(
      db,
      'ExchangeAccount',
      id,
      ACCOUNT,
      part.map(({ customerId, accountId }) => ({
        id: accountId,
        customerId,
        venue: 'okx',
        label: 'Bench',
        mode: 'simulated',
        credentials: sealCredentials(cipher, accountId, makeKey()),
        keyHint: '',
        positionMode: 'net',
        health: 'healthy',
        checkedAt: now,
        // The measured venue has no accounts to tell apart.
        tradesAs: accountId,
        equity: BALANCE,
        available: BALANCE,
        // Accounts whose streams are kept away get no newer balance during a measurement.
        equityAt: new Date(now.getTime() + 24 * 60 * 60_000),
        ...times,
      })),
    );
    await bulkInsert(
      db,
      'Subscription',
      id,
      SUBSCRIPTION,
      part.map(({ index, customerId, accountId, subscriptionId }) => ({
        id: subscriptionId,
        customerId,
        accountId,
        strategyId,
        followRatio: `0.${String(10 + (index % 80))}`,
        ...times,
      })),
    );
    // The leverage is set once in an account's life; what is measured is every signal after that.
    await bulkInsert(
      db,
      'AccountLeverage',
      id,
      LEVERAGE,
      part.map(({ accountId }) => ({
        accountId,
        instrumentId: INSTRUMENT,
        marginMode: 'cross',
        leverage: '10',
        updatedAt: now,
      })),
    );
  }
  return {
    id,
    sourceId,
    strategyId,
    token,
    customerIds: people.map(({ customerId }) => customerId),
    accountIds: people.map(({ accountId }) => accountId),
    subscriptionIds: people.map(({ subscriptionId }) => subscriptionId),
  };
}

/** Nobody follows any more and no account counts: workers let go of streams and looks. */
export async function dismissTenant(world: BenchWorld, tenant: Tenant): Promise<void> {
  const db = world.database.forTenant(tenant.id);
  await db.subscription.updateMany({ where: {}, data: { status: 'ended' } });
  await db.exchangeAccount.updateMany({ where: {}, data: { health: 'unchecked' } });
}

const TIMES = { createdAt: 'DATETIME(3)', updatedAt: 'DATETIME(3)' } as const;
const CUSTOMER = {
  id: 'CHAR(32)',
  name: 'VARCHAR(64)',
  initialBalance: 'DECIMAL(36,18)',
  maxLeverage: 'DECIMAL(36,18)',
  ...TIMES,
} as const satisfies BulkColumns;
const ACCOUNT = {
  id: 'CHAR(32)',
  customerId: 'CHAR(32)',
  venue: 'VARCHAR(64)',
  label: 'VARCHAR(64)',
  mode: 'VARCHAR(64)',
  credentials: 'LONGTEXT',
  keyHint: 'VARCHAR(64)',
  positionMode: 'VARCHAR(64)',
  health: 'VARCHAR(64)',
  checkedAt: 'DATETIME(3)',
  tradesAs: 'VARCHAR(64)',
  equity: 'DECIMAL(36,18)',
  available: 'DECIMAL(36,18)',
  equityAt: 'DATETIME(3)',
  ...TIMES,
} as const satisfies BulkColumns;
const SUBSCRIPTION = {
  id: 'CHAR(32)',
  customerId: 'CHAR(32)',
  accountId: 'CHAR(32)',
  strategyId: 'CHAR(32)',
  followRatio: 'DECIMAL(36,18)',
  ...TIMES,
} as const satisfies BulkColumns;
const LEVERAGE = {
  accountId: 'CHAR(32)',
  instrumentId: 'VARCHAR(64)',
  marginMode: 'VARCHAR(64)',
  leverage: 'DECIMAL(36,18)',
  updatedAt: 'DATETIME(3)',
} as const satisfies BulkColumns;
