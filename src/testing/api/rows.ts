import type { UserRole } from '@/contracts/api/operation';
import { newId } from '@/platform/ids';
import { sealCredentials } from '@/services/accounts/credentials';
import { newApiToken } from '@/services/identity/api-tokens';
import { passwordMark, sealSession } from '@/services/identity/session';
import { sealChannelConfig } from '@/services/notifications/channel-config';
import { tokenPlace } from '@/services/sources/sealed-fields';
import type { ApiHarness } from './harness';

/** A hash that no password has: tests that log in make their own. */
const NO_PASSWORD = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const INSTRUMENT = 'okx:BTC-USDT-SWAP';

export type TestFollower = {
  readonly customerId: string;
  readonly accountId: string;
  readonly subscriptionId: string;
  readonly tradeId: string;
  readonly channelId: string;
  readonly token: string;
  readonly cookie: string;
  readonly userId: string;
};
export type TestTenant = {
  readonly id: string;
  readonly tokens: Readonly<Record<'admin' | 'operator', string>>;
  readonly cookies: Readonly<Record<'admin' | 'operator', string>>;
  readonly tokenId: string;
  readonly sourceId: string;
  readonly strategyId: string;
  readonly signalId: string;
  readonly followers: readonly TestFollower[];
};

/**
 * A tenant with a source, a strategy, one signal, and followers who each have an account, a subscription, a filled trade,
 * a position and an equity. Every name holds the tenant's or the follower's word, so that a leak can be searched for.
 */
export async function createTenant(
  harness: ApiHarness,
  word: string,
  followerWords: readonly string[],
): Promise<TestTenant> {
  const { system } = harness.database;
  const id = newId();
  const wrappedKey = harness.context.cipher.newWrappedKey(id);
  await system.tenant.create({ data: { id, name: `${word} tenant`, slug: `${word}-${id}`.toLowerCase(), wrappedKey } });
  await system.instrument.createMany({
    data: [
      {
        id: INSTRUMENT,
        venue: 'okx',
        symbol: 'BTC-USDT-SWAP',
        baseCurrency: 'BTC',
        quoteCurrency: 'USDT',
        settleCurrency: 'USDT',
        contractValue: '0.01',
        lotSize: '0.01',
        minSize: '0.01',
        tickSize: '0.1',
        maxLeverage: '100',
      },
    ],
    skipDuplicates: true,
  });
  const [admin, operator] = await Promise.all([
    createLogin(harness, id, word, 'admin', null),
    createLogin(harness, id, word, 'operator', null),
  ]);
  const sourceId = newId();
  const cipher = harness.context.cipher.forTenant({ id, wrappedKey });
  await system.signalSource.create({
    data: {
      id: sourceId,
      tenantId: id,
      name: `${word} source`,
      venue: 'okx',
      tokenHash: sourceId.padEnd(64, '0'),
      tokenSealed: cipher.seal(`${word}-webhook-token`, tokenPlace(sourceId)),
    },
  });
  const strategyId = newId();
  await system.strategy.create({
    data: {
      id: strategyId,
      tenantId: id,
      signalSourceId: sourceId,
      name: `${word} strategy`,
      symbols: ['BTC-USDT-SWAP'],
    },
  });
  const signalId = await createSignal(harness, { tenantId: id, sourceId, word });
  await system.rejectedMessage.create({
    data: {
      id: newId(),
      tenantId: id,
      sourceId,
      code: 'UNKNOWN_FORMAT',
      message: `${word} message`,
      rawBody: `${word} body`,
      receivedAt: new Date(),
    },
  });
  const followers: TestFollower[] = [];
  for (const follower of followerWords) {
    followers.push(await createFollower(harness, { tenantId: id, wrappedKey, strategyId, signalId, word: follower }));
  }
  return {
    id,
    tokens: { admin: admin.token, operator: operator.token },
    cookies: { admin: admin.cookie, operator: operator.cookie },
    tokenId: admin.tokenId,
    sourceId,
    strategyId,
    signalId,
    followers,
  };
}

async function createLogin(
  harness: ApiHarness,
  tenantId: string,
  word: string,
  role: UserRole,
  customerId: string | null,
) {
  const { token, tokenHash, prefix } = newApiToken();
  const [userId, tokenId] = [newId(), newId()];
  const email = `${word}-${role}-${userId}@example.com`.toLowerCase();
  await harness.database.system.user.create({
    data: { id: userId, tenantId, email, passwordHash: NO_PASSWORD, role, customerId },
  });
  await harness.database.system.apiToken.create({
    data: { id: tokenId, tenantId, name: `${word} ${role}`, role, customerId, tokenHash, prefix },
  });
  const sealed = await sealSession(harness.context, {
    id: userId,
    tenantId,
    role,
    customerId,
    name: word,
    email,
    passwordMark: passwordMark(NO_PASSWORD),
  });
  return { token, tokenId, userId, cookie: `next-auth.session-token=${sealed}` };
}

export async function createSignal(
  harness: ApiHarness,
  { tenantId, sourceId, word }: { tenantId: string; sourceId: string; word: string },
): Promise<string> {
  const signalId = newId();
  const now = new Date();
  await harness.database.system.signal.create({
    data: {
      id: signalId,
      tenantId,
      sourceId,
      instrumentId: INSTRUMENT,
      idempotencyKey: signalId,
      format: 'native',
      status: 'done',
      intent: {
        symbol: 'BTCUSDT',
        action: 'open',
        side: 'long',
        size: { unit: 'base', value: '1' },
        orderType: 'market',
        limitPrice: null,
        referencePrice: '50000',
      },
      rawBody: `${word} raw`,
      plan: { before: { side: null, quantity: '0' }, after: { side: 'long', quantity: '100' }, legs: [] },
      sentAt: now,
      expiresAt: now,
      receivedAt: now,
      plannedAt: now,
    },
  });
  return signalId;
}

export async function createFollower(
  harness: ApiHarness,
  options: { tenantId: string; wrappedKey: string; strategyId: string; signalId: string; word: string },
): Promise<TestFollower> {
  const { tenantId, wrappedKey, strategyId, signalId, word } = options;
  const { system } = harness.database;
  const [customerId, accountId, subscriptionId] = [newId(), newId(), newId()];
  const cipher = harness.context.cipher.forTenant({ id: tenantId, wrappedKey });
  await system.customer.create({
    data: { id: customerId, tenantId, name: `${word} customer`, note: `${word} note`, initialBalance: '1000' },
  });
  await system.exchangeAccount.create({
    data: {
      id: accountId,
      tenantId,
      customerId,
      venue: 'okx',
      label: `${word} account`,
      mode: 'simulated',
      credentials: sealCredentials(cipher, accountId, {
        apiKey: `${word}-api-key-0000`,
        secret: `${word}-api-secret`,
        passphrase: `${word}-passphrase`,
      }),
      keyHint: '0000',
      health: 'healthy',
      equity: '1234.5',
      available: '1000',
      equityAt: new Date(),
    },
  });
  await system.equitySnapshot.create({
    data: { accountId, takenAt: new Date(Date.now() - 3_600_000), tenantId, customerId, equity: '1200' },
  });
  await system.subscription.create({
    data: { id: subscriptionId, tenantId, customerId, strategyId, accountId },
  });
  const tradeId = await createTrade(harness, { tenantId, strategyId, signalId, customerId, accountId, subscriptionId });
  await system.position.create({
    data: {
      subscriptionId,
      instrumentId: INSTRUMENT,
      side: 'long',
      tenantId,
      customerId,
      accountId,
      strategyId,
      quantity: '10',
      cost: '5000',
      leverage: '2',
      openedAt: new Date(),
      updatedAt: new Date(),
    },
  });
  const channelId = newId();
  await system.notificationChannel.create({
    data: {
      id: channelId,
      tenantId,
      customerId,
      kind: 'dingtalk',
      name: `${word} channel`,
      configSealed: sealChannelConfig(cipher, channelId, {
        url: 'https://oapi.dingtalk.com/robot/send?access_token=channel-api-secret',
        secret: 'SEC-channel-api-secret',
      }),
    },
  });
  const login = await createLogin(harness, tenantId, word, 'customer', customerId);
  return { customerId, accountId, subscriptionId, tradeId, channelId, ...login };
}

type TradeFields = {
  tenantId: string;
  strategyId: string;
  signalId: string;
  customerId: string;
  accountId: string;
  subscriptionId: string;
  leg?: 'open' | 'close' | 'stop';
  status?:
    | 'denied'
    | 'planned'
    | 'unknown'
    | 'live'
    | 'partially_filled'
    | 'filled'
    | 'canceled'
    | 'rejected'
    | 'expired';
  filledQuantity?: string;
  code?: string;
  detail?: Record<string, string>;
};

/** 10 contracts of 0.01 BTC, filled at 50,010 after a decision at 50,000, unless said otherwise. */
export async function createTrade(harness: ApiHarness, fields: TradeFields): Promise<string> {
  const { leg = 'open', status = 'filled', ...rest } = fields;
  const filledQuantity = fields.filledQuantity ?? (status === 'filled' ? '10' : '0');
  const tradeId = newId();
  const now = new Date();
  const filled = Number(filledQuantity) > 0;
  await harness.database.system.trade.create({
    data: {
      ...rest,
      id: tradeId,
      instrumentId: INSTRUMENT,
      leg,
      side: leg === 'open' ? 'buy' : 'sell',
      positionSide: 'long',
      reduceOnly: leg !== 'open',
      orderType: 'market',
      leverage: '2',
      quantity: '10',
      decisionPrice: '50000',
      status,
      decision: {
        steps: [{ label: 'ratio_times_leader', expression: '0.1 × 100', value: '10' }],
        checks: [{ rule: 'leverage', value: '2', limit: '10', passed: true }],
        debtAfter: '0',
      },
      venueOrderId: filled ? tradeId.slice(0, 18) : null,
      filledQuantity,
      filledValue: filled ? String(Number(filledQuantity) * 0.01 * 50_010) : '0',
      fee: filled ? '-2.5' : '0',
      createdAt: now,
      sentAt: status === 'denied' || status === 'planned' ? null : now,
      ackedAt: filled ? now : null,
      filledAt: filled ? now : null,
      updatedAt: now,
    },
  });
  if (filled) {
    await harness.database.system.fill.create({
      data: {
        id: newId(),
        tenantId: fields.tenantId,
        tradeId,
        accountId: fields.accountId,
        instrumentId: INSTRUMENT,
        venueFillId: tradeId.slice(-12),
        quantity: filledQuantity,
        price: '50010',
        fee: '-2.5',
        feeCurrency: 'USDT',
        filledAt: now,
      },
    });
  }
  return tradeId;
}

type ExitFields = {
  cause?: 'flatten' | 'crossed' | 'leader_left' | 'share';
  /** How long ago it became due and ended, ms; null: it is due. */
  dueFor?: number;
  doneFor?: number | null;
  lapsed?: boolean;
  code?: string;
  message?: string;
  obstacle?: string;
  signalId?: string;
};

/** An exit of the follower's long position; of one that has ended and not lapsed nothing is held any more. */
export async function createExit(
  harness: ApiHarness,
  tenant: TestTenant,
  follower: TestFollower | undefined,
  fields: ExitFields = {},
): Promise<void> {
  if (follower === undefined) throw new Error('no follower');
  const { dueFor = 60_000, doneFor = null, cause = 'leader_left', ...rest } = fields;
  const { customerId, accountId, subscriptionId } = follower;
  const ago = (ms: number): Date => new Date(Date.now() - ms);
  const key = { subscriptionId, instrumentId: INSTRUMENT, side: 'long' as const };
  const values = {
    ...rest,
    cause,
    dueAt: ago(dueFor),
    doneAt: doneFor === null ? null : ago(doneFor),
    nextAt: ago(-20_000),
    updatedAt: ago(0),
  };
  const { system } = harness.database;
  const { id: tenantId, strategyId, sourceId } = tenant;
  await system.positionExit.deleteMany({ where: key });
  await system.positionExit.create({
    data: { ...key, tenantId, customerId, accountId, strategyId, sourceId, ...values },
  });
  const gone = doneFor !== null && fields.lapsed !== true;
  await system.position.updateMany({ where: key, data: { quantity: gone ? '0' : '10' } });
}
