import { randomBytes } from 'node:crypto';
import { dec, toText } from '@/domain/decimal';
import { Cipher, type TenantCipher } from '@/platform/cipher';
import { connectDatabase, type Database, type TenantClient } from '@/platform/database/database';
import { requireDatabase } from '@/platform/database/require-database';
import { type Environment, readEnvironment } from '@/platform/env';
import { newId, newToken, sha256 } from '@/platform/ids';
import { createLogger } from '@/platform/log';
import { keyHint, sealCredentials } from '@/services/accounts/credentials';
import { newApiToken } from '@/services/identity/api-tokens';
import { hashPassword } from '@/services/identity/passwords';
import { refreshInstruments } from '@/services/market-data/refresh-instruments';
import { sealChannelConfig } from '@/services/notifications/channel-config';
import { FORMATS } from '@/services/signals/formats/parse-signal';
import type { SignalFormatKey } from '@/services/signals/formats/types';
import { tokenPlace } from '@/services/sources/sealed-fields';
import { installedVenues } from '@/services/venues';

/** What a person or script needs to use the demo; the rows keep only hashes of the secrets in it. */
export type DemoSeed = {
  apiToken: string;
  logins: { role: string; email: string; password: string }[];
  webhooks: { strategy: string; format: string; path: string; example: string }[];
};

const FOLLOWERS = 100;
const DEMO_EMAILS = ['admin@slipstream.example', 'customer@slipstream.example'] as const;

/** One strategy a format, each on an instrument of its own, so that no two of them hold against each other. */
const STRATEGIES: readonly {
  readonly name: string;
  readonly zh: string;
  readonly format: SignalFormatKey;
  readonly symbol: string;
  /** Coins that the example signal opens. */
  readonly quantity: string;
}[] = [
  { name: 'BTC Trend', zh: '比特币趋势', format: 'native', symbol: 'BTC-USDT-SWAP', quantity: '1' },
  { name: 'ETH Swing', zh: '以太坊波段', format: 'okx-signal-bot', symbol: 'ETH-USDT-SWAP', quantity: '10' },
  { name: 'SOL Momentum', zh: 'SOL 动量', format: '3commas-custom', symbol: 'SOL-USDT-SWAP', quantity: '100' },
  { name: 'XRP Reversal', zh: 'XRP 反转', format: '3commas-strategy', symbol: 'XRP-USDT-SWAP', quantity: '10000' },
  { name: 'DOGE Breakout', zh: 'DOGE 突破', format: 'tradingview', symbol: 'DOGE-USDT-SWAP', quantity: '100000' },
];

/**
 * Makes the demo tenant: an admin, a hundred customers with a simulated account each, half of them in long/short mode,
 * and five strategies that all of them follow with a ratio of their own.
 */
export async function seedDemo(environment: Environment = readEnvironment()): Promise<DemoSeed> {
  const logger = createLogger('seed', environment.LOG_LEVEL);
  await requireDatabase(environment.DATABASE_URL);
  const database = connectDatabase(environment.DATABASE_URL);
  const cipher = new Cipher(environment.SLIPSTREAM_MASTER_KEY);
  const venues = installedVenues(environment, logger);
  try {
    const known = await database.system.user.findFirst({ where: { email: { in: [...DEMO_EMAILS] } } });
    if (known !== null)
      throw new Error('This database already has a demo tenant; use another one, or remove its rows.');
    await requireOwnSimulator(environment);
    await refreshInstruments(database, venues.get('okx').market('simulated'), 'okx');
    return await makeTenant(environment, database, cipher);
  } finally {
    await venues.close();
    await database.close();
  }
}

async function makeTenant(environment: Environment, database: Database, cipher: Cipher): Promise<DemoSeed> {
  const tenantId = newId();
  const wrappedKey = cipher.newWrappedKey(tenantId);
  await database.system.tenant.create({
    data: { id: tenantId, name: 'Demo', slug: `demo-${tenantId.slice(-6)}`, wrappedKey },
  });
  const db = database.forTenant(tenantId);
  const tenantCipher = cipher.forTenant({ id: tenantId, wrappedKey });

  const customers = await makeCustomers(environment, db, tenantId, tenantCipher);
  const webhooks = await makeStrategies(db, tenantId, tenantCipher, customers);
  await makeChannels(environment, db, tenantId, tenantCipher, customers[0]?.id ?? null);
  const logins = await makeLogins(db, tenantId, customers[0]?.id ?? null);

  const { token, tokenHash, prefix } = newApiToken();
  await db.apiToken.create({ data: { id: newId(), tenantId, name: 'Demo scripts', tokenHash, prefix, role: 'admin' } });
  return { apiToken: token, logins, webhooks };
}

type DemoCustomer = { readonly id: string; readonly accountId: string; readonly followRatio: string };

async function makeCustomers(
  environment: Environment,
  db: TenantClient,
  tenantId: string,
  cipher: TenantCipher,
): Promise<readonly DemoCustomer[]> {
  const customers: DemoCustomer[] = [];
  for (let number = 1; number <= FOLLOWERS; number += 1) {
    // Ratios from 1 % to 20.8 %, each different: everyone's order has its own size.
    const followRatio = toText(dec('0.008').plus(dec('0.002').times(number)));
    customers.push({ id: newId(), accountId: newId(), followRatio });
  }
  const positionMode = (index: number) => (index % 2 === 0 ? 'net' : 'long_short') as 'net' | 'long_short';
  const keys = await Promise.all(
    customers.map(({ followRatio }, index) =>
      control<SimulatedKey>(environment, '/control/accounts', {
        balance: balanceFor(followRatio),
        posMode: `${positionMode(index)}_mode`,
        label: `customer ${index + 1}`,
      }),
    ),
  );
  const label = (index: number): string => `${index + 1}`.padStart(3, '0');
  const now = new Date();
  await db.customer.createMany({
    data: customers.map(({ id, followRatio }, index) => ({
      id,
      tenantId,
      name: `Customer ${label(index)}`,
      initialBalance: balanceFor(followRatio),
      maxLeverage: '20',
    })),
  });
  await db.exchangeAccount.createMany({
    data: customers.map(({ id, accountId, followRatio }, index) => {
      const key = keys[index];
      if (key === undefined) throw new Error('The simulator made too few accounts');
      return {
        id: accountId,
        tenantId,
        customerId: id,
        venue: 'okx',
        label: 'Simulator',
        mode: 'simulated' as const,
        credentials: sealCredentials(cipher, accountId, key),
        keyHint: keyHint(key.apiKey),
        positionMode: positionMode(index),
        // The simulator has just made these keys and balances; a customer's own key goes through the pre-flight.
        health: 'healthy' as const,
        checkedAt: now,
        venueUserId: key.account,
        venueOwnerId: key.account,
        tradesAs: key.account,
        equity: balanceFor(followRatio),
        available: balanceFor(followRatio),
        equityAt: now,
      };
    }),
  });
  return customers;
}

/** Quote currency: large enough that the example signals stay under every default limit. */
function balanceFor(followRatio: string): string {
  return toText(dec(50_000).plus(dec(2_000_000).times(followRatio)));
}

async function makeStrategies(
  db: TenantClient,
  tenantId: string,
  cipher: TenantCipher,
  customers: readonly DemoCustomer[],
): Promise<DemoSeed['webhooks']> {
  const webhooks: DemoSeed['webhooks'] = [];
  for (const { name, zh, format, symbol, quantity } of STRATEGIES) {
    const sourceId = newId();
    const strategyId = newId();
    const token = newToken();
    await db.signalSource.create({
      data: {
        id: sourceId,
        tenantId,
        name: `${name} alerts`,
        venue: 'okx',
        format,
        tokenHash: sha256(token),
        tokenSealed: cipher.seal(token, tokenPlace(sourceId)),
        leaderEquity: '100000',
      },
    });
    await db.strategy.create({
      data: {
        id: strategyId,
        tenantId,
        signalSourceId: sourceId,
        name,
        description: zh,
        followRatio: '0.1',
        defaultLeverage: '10',
        maxLeverage: '20',
        symbols: [symbol],
      },
    });
    await db.subscription.createMany({
      data: customers.map(({ id, accountId, followRatio }) => ({
        id: newId(),
        tenantId,
        customerId: id,
        accountId,
        strategyId,
        followRatio,
      })),
    });
    const example = FORMATS.find((known) => known.key === format)?.example({ symbol, quantity, secret: 'demo' });
    if (example === undefined) throw new Error(`No example for the format ${format}`);
    webhooks.push({ strategy: name, format, path: `/api/webhooks/${token}`, example });
  }
  return webhooks;
}

/** DingTalk robots of the simulator: one group of the operators, one of the first customer. */
async function makeChannels(
  environment: Environment,
  db: TenantClient,
  tenantId: string,
  cipher: TenantCipher,
  customerId: string | null,
): Promise<void> {
  for (const [name, owner] of [
    ['Operators', null],
    ['Customer 001', customerId],
  ] as const) {
    const robot = await control<{ url: string; secret: string }>(environment, '/control/dingtalk', {});
    const id = newId();
    await db.notificationChannel.create({
      data: {
        id,
        tenantId,
        customerId: owner,
        kind: 'dingtalk',
        name,
        configSealed: sealChannelConfig(cipher, id, robot),
      },
    });
  }
}

async function makeLogins(db: TenantClient, tenantId: string, customerId: string | null): Promise<DemoSeed['logins']> {
  const logins = [
    { role: 'admin', email: DEMO_EMAILS[0], password: randomBytes(9).toString('base64url') },
    { role: 'customer', email: DEMO_EMAILS[1], password: randomBytes(9).toString('base64url') },
  ];
  for (const { role, email, password } of logins) {
    await db.user.create({
      data: {
        id: newId(),
        tenantId,
        email,
        role: role as 'admin' | 'customer',
        passwordHash: await hashPassword(password),
        customerId: role === 'customer' ? customerId : null,
      },
    });
  }
  return logins;
}

/** Where it is known who started us, accounts are made in his simulator only: what another one has on its port is not ours. */
async function requireOwnSimulator({
  SIMULATOR_CONTROL_URL: base,
  SLIPSTREAM_INSTANCE: ours,
}: Environment): Promise<void> {
  if (base === undefined || ours === undefined) return;
  const { instance } = (await (await fetch(`${base}/health`)).json()) as { instance?: unknown };
  if (instance !== ours) throw new Error('At the address of the simulator another one answers');
}

type SimulatedKey = {
  readonly account: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
};

async function control<T>(environment: Environment, path: string, body: unknown): Promise<T> {
  if (environment.SIMULATOR_CONTROL_URL === undefined) throw new Error('The demo needs the simulator');
  const response = await fetch(new URL(path, environment.SIMULATOR_CONTROL_URL), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The simulator answered ${response.status} at ${path}`);
  const answer = (await response.json()) as { data?: T } & T;
  return answer.data ?? answer;
}
