import { newId, newToken, sha256 } from '@/platform/ids';
import { keyHint, sealCredentials } from '@/services/accounts/credentials';
import { tokenPlace } from '@/services/sources/sealed-fields';
import type { Cast } from './cast';
import { SOURCES } from './scenario';
import type { World } from './world';

/** More than any column holds once something is multiplied with it. */
export const HUGE = '999999999999999999';

/**
 * What is wrong with a row of a customer who follows like everybody else.
 *
 * ratio    he follows with a share without end
 * size     his orders have a size without end
 * key      nothing can be read from his sealed key
 * shifted  his row's values stand in the wrong columns
 */
const VICTIMS = ['ratio', 'size', 'key', 'shifted'] as const;
type Victim = (typeof VICTIMS)[number];

/** The poison of one tenant: its customers, and a source of its own whose messages have numbers without end. */
export type Poison = {
  readonly owner: string;
  readonly token: string;
  readonly sourceId: string;
  readonly victims: readonly { readonly kind: Victim; readonly subscriptionId: string }[];
  /** Who follows the source of the messages, with nothing wrong about him. */
  readonly sound: { readonly subscriptionId: string; readonly account: string };
};

type Key = { readonly account: string; readonly apiKey: string; readonly secret: string; readonly passphrase: string };

/** Puts poison into a tenant, before its storm begins. */
export async function makePoison(world: World, cast: Cast): Promise<Poison> {
  const { tenantId } = cast;
  const db = world.database.forTenant(tenantId);
  const tenant = await world.database.system.tenant.findUniqueOrThrow({ where: { id: tenantId } });
  const cipher = world.cipher.forTenant({ id: tenantId, wrappedKey: tenant.wrappedKey });
  const owner = `${cast.owner}-poison`;
  const [sourceId, strategyId, token] = [newId(), newId(), newToken()];
  const tokenSealed = cipher.seal(token, tokenPlace(sourceId));
  const source = { id: sourceId, tenantId, name: 'Poison', venue: 'okx', format: 'native' };
  await db.signalSource.create({ data: { ...source, tokenHash: sha256(token), tokenSealed, maxLagMs: 3_600_000 } });
  const strategy = { id: strategyId, tenantId, signalSourceId: sourceId, name: 'Poison', followRatio: '0.1' };
  await db.strategy.create({ data: { ...strategy, defaultLeverage: '10', maxLeverage: '20' } });
  const strategies = await db.strategy.findMany({
    where: { signalSourceId: { in: SOURCES.map((key) => cast.sourceIds[key]) } },
  });

  const join = async (
    name: string,
    strategyOf: string,
    change: Record<string, unknown>,
    account: Record<string, unknown>,
  ) => {
    const key = await world.ask<Key>('accounts', { balance: '10000000', posMode: 'net_mode', owner });
    const [customerId, accountId, subscriptionId] = [newId(), newId(), newId()];
    await db.customer.create({ data: { id: customerId, tenantId, name, initialBalance: '10000000' } });
    const ids = { id: accountId, tenantId, customerId, venue: 'okx', label: 'Simulator', mode: 'simulated' as const };
    const known = { venueUserId: key.account, venueOwnerId: key.account, tradesAs: key.account };
    await db.exchangeAccount.create({
      data: {
        ...{ ...ids, ...known, keyHint: keyHint(key.apiKey), positionMode: 'net', health: 'healthy' },
        credentials: sealCredentials(cipher, accountId, key),
        ...{ checkedAt: new Date(), equity: '10000000', available: '10000000', equityAt: new Date() },
        ...account,
      },
    });
    const subscription = { id: subscriptionId, tenantId, customerId, accountId, strategyId: strategyOf };
    const limits = { maxOrderShare: '1', maxSymbolShare: '1', followRatio: '0.1' };
    await db.subscription.create({ data: { ...subscription, ...limits, ...change } });
    return { subscriptionId, account: key.account };
  };
  const victims: { kind: Victim; subscriptionId: string }[] = [];
  for (const { id } of strategies) {
    for (const kind of VICTIMS) {
      const { subscription = {}, account = {} } = WRONG[kind];
      const { subscriptionId } = await join(kind, id, subscription, account);
      victims.push({ kind, subscriptionId });
    }
  }
  const sound = await join('sound', strategyId, {}, {});
  return { owner, token, sourceId, victims, sound };
}

const WRONG: Readonly<Record<Victim, Partial<Record<'subscription' | 'account', Record<string, unknown>>>>> = {
  ratio: { subscription: { followRatio: HUGE, forceMinimum: true } },
  size: { subscription: { sizingMode: 'fixed_quantity', sizingValue: HUGE } },
  key: { account: { credentials: 'v1.nothing' } },
  shifted: { account: { health: 'failing', healthCode: 'A\tB\u001fC' } },
};

/**
 * A signal that was taken in and cannot be understood any more: in the lane of one of the strategies that everybody follows. Once, however
 * often it is added under one id.
 */
export async function addUnreadableSignal(world: World, { tenantId, sourceIds }: Cast, id: string): Promise<void> {
  const at = new Date();
  const intent = {
    ...{
      symbol: 'BTC-USDT-SWAP',
      action: 'open',
      side: 'long',
      size: { unit: 'base', value: '1' },
      orderType: 'market',
    },
    ...{ limitPrice: null, referencePrice: null, leverage: 'x', stopPrice: null, stopLoss: null, takeProfit: null },
    ...{ sentAt: at.getTime(), maxLagMs: 240_000, idempotencyKey: `unreadable-${id}` },
  };
  await world.database.forTenant(tenantId).signal.createMany({
    skipDuplicates: true,
    data: {
      ...{
        id,
        tenantId,
        sourceId: sourceIds.a,
        instrumentId: 'okx:BTC-USDT-SWAP',
        format: 'native',
        intent,
        rawBody: '{}',
      },
      ...{ idempotencyKey: `id:unreadable-${id}`, sentAt: at, receivedAt: at, status: 'received' },
      expiresAt: new Date(at.getTime() + 240_000),
    },
  });
}
