import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as one from '@/app/api/v1/notification-channels/[id]/route';
import * as test from '@/app/api/v1/notification-channels/[id]/test/route';
import * as list from '@/app/api/v1/notification-channels/route';
import { Cipher } from '@/platform/cipher';
import { systemClock } from '@/platform/clock';
import { connectDatabase, type Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { createOutbound, type Outbound } from '@/platform/outbound';
import { type DingTalkRobot, startDingTalkRobot } from '@/testing/dingtalk-robot';
import { createTestDatabase, type TestDatabase, type TestRedis, testRedis } from '@/testing/services';
import { newApiToken } from '../identity/api-tokens';
import { setWebServices } from '../web-services';
import { createDingTalkSender } from './dingtalk/sender';
import { createOutboxSender } from './outbox-sender';
import { pageLinks } from './page-links';

const TOKEN = 'canary-token-7d6e5f4a3b';
const SECRET = 'SECcanary1a2b3c4d5e6f';
const cipher = new Cipher(randomBytes(32).toString('base64'));
const logger = pino({ level: 'silent' });

let testDatabase: TestDatabase;
let redisPlace: TestRedis;
let redis: Redis;
let database: Database;
let outbound: Outbound;
let robot: DingTalkRobot;
let admin: string;
let customer: string;
let stranger: string;
let customerId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  redisPlace = await testRedis();
  redis = new Redis(redisPlace.url);
  database = connectDatabase(testDatabase.url);
  outbound = createOutbound({ hosts: [], allowPrivate: true });
  robot = await startDingTalkRobot({ token: TOKEN, secret: SECRET });
  setWebServices({
    environment: {
      NEXTAUTH_SECRET: randomBytes(16).toString('hex'),
      NEXTAUTH_URL: 'http://pages.test',
      REDIS_PREFIX: redisPlace.prefix,
      LIVE_TRADING: false,
      TRUSTED_PROXIES: 0,
      ALLOW_PRIVATE_ADDRESSES: true,
    },
    database,
    redis,
    cipher,
    clock: systemClock,
    logger,
    preflights: { enqueue: async () => undefined },
    venue: () => Promise.reject(new Error('no venue is needed here')),
    marketModes: [],
  });
});
afterAll(async () => {
  setWebServices(null);
  await robot.close();
  await outbound.close();
  await database.close();
  redis.disconnect();
  await redisPlace.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  const tenantId = await createTenant();
  customerId = newId();
  await database.system.customer.create({ data: { id: customerId, tenantId, name: 'A customer' } });
  admin = await createToken(tenantId, 'admin', null);
  customer = await createToken(tenantId, 'customer', customerId);
  stranger = await createToken(await createTenant(), 'admin', null);
});

async function createTenant(): Promise<string> {
  const id = newId();
  await database.system.tenant.create({
    data: { id, name: 'T', slug: id, wrappedKey: cipher.newWrappedKey(id) },
  });
  return id;
}

async function createToken(tenantId: string, role: 'admin' | 'customer', owner: string | null): Promise<string> {
  const { token, tokenHash, prefix } = newApiToken();
  await database.system.apiToken.create({
    data: { id: newId(), tenantId, name: 'test', tokenHash, prefix, role, customerId: owner },
  });
  return token;
}

type Handlers = Pick<typeof one, 'GET' | 'POST' | 'PATCH' | 'DELETE'>;
type Answer = { status: number; text: string; body: { success: boolean; data?: never; error?: { code: string } } };

async function call(
  handlers: Handlers,
  method: keyof Handlers,
  token: string,
  options: { id?: string; body?: unknown } = {},
): Promise<Answer> {
  const request = new Request('http://pages.test/api/v1/notification-channels', {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const response = await handlers[method](request, { params: Promise.resolve({ id: options.id }) });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

const robotChannel = () => ({ name: 'Group', url: robot.url, secret: SECRET, locale: 'en' });

async function create(token: string, body: unknown = robotChannel()): Promise<string> {
  const answer = await call(list, 'POST', token, { body });
  expect(answer.status, answer.text).toBe(201);
  return (answer.body.data as unknown as { id: string }).id;
}

describe('/api/v1/notification-channels', () => {
  it('never shows the token or the secret again', async () => {
    const id = await create(admin);
    const answers = [
      await call(list, 'GET', admin),
      await call(one, 'GET', admin, { id }),
      await call(one, 'PATCH', admin, { id, body: { name: 'Renamed', secret: `${SECRET}2` } }),
      await call(list, 'POST', admin, {
        body: { ...robotChannel(), url: `http://example.org/?access_token=${TOKEN}` },
      }),
    ];
    expect(answers[1]?.body.data).toMatchObject({
      name: 'Group',
      maskedUrl: expect.stringMatching(/\/robot\/send\?access_token=\*{4}4a3b$/),
      health: 'unproved',
      waiting: 0,
    });
    for (const { text } of answers) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(SECRET);
    }
    const audit = JSON.stringify(await database.system.auditLog.findMany({ select: { detail: true, action: true } }));
    expect(audit).toContain('channel.update');
    expect(audit).not.toContain(TOKEN);
    expect(audit).not.toContain(SECRET);
  });

  it('refuses addresses that messages must not go to', async () => {
    for (const url of ['https://example.org/robot/send?access_token=x', 'http://169.254.169.254/?access_token=x']) {
      const answer = await call(list, 'POST', admin, { body: { ...robotChannel(), url } });
      expect([answer.status, answer.body.error?.code]).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  it('keeps a customer at his own channels and a stranger out', async () => {
    const tenants = await create(admin);
    const own = await create(customer);
    expect((await call(one, 'GET', customer, { id: own })).body.data).toMatchObject({ customerId });
    const listed = (await call(list, 'GET', customer)).body.data as unknown as { items: { id: string }[] };
    expect(listed.items.map((item) => item.id)).toEqual([own]);
    for (const [token, id] of [
      [customer, tenants],
      [stranger, tenants],
      [stranger, own],
    ] as const) {
      expect((await call(one, 'GET', token, { id })).status).toBe(404);
      expect((await call(one, 'PATCH', token, { id, body: { enabled: false } })).status).toBe(404);
      expect((await call(one, 'DELETE', token, { id })).status).toBe(404);
      expect((await call(test, 'POST', token, { id })).status).toBe(404);
    }
    expect((await call(list, 'POST', customer, { body: { ...robotChannel(), customerId: newId() } })).status).toBe(404);
  });

  it('sends a test message and says what became of it', async () => {
    const good = await create(admin);
    const bad = await create(admin, { ...robotChannel(), secret: 'SECwrong-secret' });
    const sender = createOutboxSender({
      database,
      cipher,
      senders: [createDingTalkSender(outbound)],
      clock: systemClock,
      logger,
      links: pageLinks('http://pages.test'),
    });
    let asked = true;
    const serving = (async () => {
      while (asked) {
        await sender.runOnce();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const [passed, refused] = await Promise.all([
      call(test, 'POST', admin, { id: good }),
      call(test, 'POST', admin, { id: bad }),
    ]);
    asked = false;
    await serving;
    expect(passed.body.data).toMatchObject({ result: 'sent', error: null });
    expect(refused.body.data).toMatchObject({ result: 'failed', error: expect.stringContaining('SECURITY_MISMATCH') });
    expect(refused.text).not.toContain(TOKEN);
    expect(robot.messages.at(-1)?.text).toContain('“Group” is set up correctly');
    expect((await call(one, 'GET', admin, { id: good })).body.data).toMatchObject({
      health: 'healthy',
      lastError: null,
      lastSentAt: expect.any(String),
    });
    expect((await call(one, 'GET', admin, { id: bad })).body.data).toMatchObject({
      health: 'failing',
      lastSentAt: null,
    });
  });

  it('removes a channel with what it was told', async () => {
    const id = await create(admin);
    await database.system.notification.create({
      data: {
        id: newId(),
        tenantId: (await database.system.notificationChannel.findUniqueOrThrow({ where: { id } })).tenantId,
        channelId: id,
        dedupeKey: 'k',
        event: 'test',
        payload: {},
        status: 'sent',
        nextAttemptAt: new Date(),
        createdAt: new Date(),
      },
    });
    expect((await call(one, 'DELETE', admin, { id })).status).toBe(200);
    expect((await call(one, 'GET', admin, { id })).status).toBe(404);
  });
});
