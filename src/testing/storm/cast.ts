import { newId, newToken, sha256 } from '@/platform/ids';
import { keyHint, sealCredentials } from '@/services/accounts/credentials';
import { tokenPlace } from '@/services/sources/sealed-fields';
import { type Scenario, SOURCES, type SourceKey } from './scenario';
import type { World } from './world';

/** Money of every account: enough that no limit of the customers interferes. */
const BALANCE = '10000000';
/** Senders say less, each for his own signal. */
const MAX_LAG = 3_600_000;

export type CastSubscription = { readonly id: string; readonly follower: number; readonly source: SourceKey };

/** The rows of one seed's tenant. */
export type Cast = {
  readonly tenantId: string;
  /** The simulator's owner of all its accounts. */
  readonly owner: string;
  readonly tokens: Readonly<Record<SourceKey, string>>;
  readonly sourceIds: Readonly<Record<SourceKey, string>>;
  /** By index of the follower. */
  readonly accounts: readonly { readonly id: string; readonly venueAccount: string }[];
  readonly subscriptions: readonly CastSubscription[];
};

type Key = { readonly account: string; readonly apiKey: string; readonly secret: string; readonly passphrase: string };

/** Makes the tenant of a scenario: sources, strategies, customers, simulated accounts and subscriptions. */
export async function makeCast(world: World, scenario: Scenario): Promise<Cast> {
  const tenantId = newId();
  const owner = `storm-${scenario.seed}-${tenantId.slice(-6)}`;
  const wrappedKey = world.cipher.newWrappedKey(tenantId);
  const { system } = world.database;
  await system.tenant.create({ data: { id: tenantId, name: owner, slug: owner, wrappedKey } });
  const db = world.database.forTenant(tenantId);
  const cipher = world.cipher.forTenant({ id: tenantId, wrappedKey });

  const keys = await Promise.all(
    scenario.followers.map(({ positionMode }) =>
      world.ask<Key>('accounts', { balance: BALANCE, posMode: `${positionMode}_mode`, owner }),
    ),
  );
  const tokens = { a: newToken(), b: newToken() };
  const sourceIds = { a: newId(), b: newId() };
  const strategyIds = { a: newId(), b: newId() };
  for (const key of SOURCES) {
    await db.signalSource.create({
      data: {
        id: sourceIds[key],
        tenantId,
        name: `Source ${key}`,
        venue: 'okx',
        format: 'native',
        tokenHash: sha256(tokens[key]),
        tokenSealed: cipher.seal(tokens[key], tokenPlace(sourceIds[key])),
        maxLagMs: MAX_LAG,
      },
    });
    await db.strategy.create({
      data: {
        id: strategyIds[key],
        tenantId,
        signalSourceId: sourceIds[key],
        name: `Strategy ${key}`,
        followRatio: '0.1',
        defaultLeverage: '10',
        maxLeverage: '20',
      },
    });
  }

  const people = scenario.followers.map((follower, index) => {
    const key = keys[index];
    if (key === undefined) throw new Error('The simulator made too few accounts');
    return { follower, key, customerId: newId(), accountId: newId() };
  });
  const now = new Date();
  await db.customer.createMany({
    data: people.map(({ follower, customerId }) => ({
      id: customerId,
      tenantId,
      name: `Customer ${follower.index}`,
      initialBalance: BALANCE,
      maxLeverage: follower.maxLeverage,
    })),
  });
  await db.exchangeAccount.createMany({
    data: people.map(({ follower, key, customerId, accountId }) => ({
      id: accountId,
      tenantId,
      customerId,
      venue: 'okx',
      label: 'Simulator',
      mode: 'simulated' as const,
      credentials: sealCredentials(cipher, accountId, key),
      keyHint: keyHint(key.apiKey),
      positionMode: follower.positionMode,
      health: 'healthy' as const,
      checkedAt: now,
      venueUserId: key.account,
      venueOwnerId: key.account,
      tradesAs: key.account,
      equity: BALANCE,
      available: BALANCE,
      equityAt: now,
    })),
  });
  const subscriptions = people.flatMap(({ follower, customerId, accountId }) =>
    follower.subscriptions.map((subscription) => ({ id: newId(), follower, customerId, accountId, subscription })),
  );
  await db.subscription.createMany({
    data: subscriptions.map(({ id, customerId, accountId, follower, subscription }) => ({
      id,
      tenantId,
      customerId,
      accountId,
      strategyId: strategyIds[subscription.source],
      followRatio: subscription.ratio,
      reverse: subscription.reverse,
      forceMinimum: subscription.forceMinimum,
      driftPolicy: follower.driftPolicy,
      maxOrderShare: '1',
      maxSymbolShare: '1',
    })),
  });
  return {
    tenantId,
    owner,
    tokens,
    sourceIds,
    accounts: people.map(({ accountId, key }) => ({ id: accountId, venueAccount: key.account })),
    subscriptions: subscriptions.map(({ id, follower, subscription }) => ({
      id,
      follower: follower.index,
      source: subscription.source,
    })),
  };
}

/** Nobody follows any more and no account counts: the workers let go of streams and of checks. */
export async function dismissCast(world: World, cast: Cast): Promise<void> {
  const db = world.database.forTenant(cast.tenantId);
  await db.subscription.updateMany({ where: {}, data: { status: 'ended' } });
  await db.exchangeAccount.updateMany({ where: {}, data: { health: 'unchecked' } });
}
