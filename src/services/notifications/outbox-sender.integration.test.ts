import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cipher } from '@/platform/cipher';
import { connectDatabase, type Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { createOutbound, type Outbound } from '@/platform/outbound';
import { type DingTalkRobot, startDingTalkRobot } from '@/testing/dingtalk-robot';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { sealChannelConfig } from './channel-config';
import type { ChannelSender } from './channel-sender';
import { createDingTalkSender } from './dingtalk/sender';
import { insertOutbox, type OutboxEntry } from './outbox';
import { createOutboxSender, type OutboxSender } from './outbox-sender';

const START = Date.UTC(2026, 10, 21, 12, 0, 0);
const TOKEN = 'canary-token-5f1c2b7e9a';
const SECRET = 'SECcanary0d9f8e7c6b5a';
const cipher = new Cipher(Buffer.alloc(32, 7).toString('base64'));

let testDatabase: TestDatabase;
let database: Database;
let outbound: Outbound;
let robot: DingTalkRobot;
let now: number;
let logged: string;
let tenantId: string;

const logger = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  }),
);

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
  outbound = createOutbound({ hosts: [], allowPrivate: true });
});
afterAll(async () => {
  await outbound.close();
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  now = START;
  logged = '';
  robot = await startDingTalkRobot({ token: TOKEN, secret: SECRET, now: () => now });
  tenantId = newId();
  await database.system.tenant.create({
    data: { id: tenantId, name: 'Test', slug: tenantId, wrappedKey: cipher.newWrappedKey(tenantId) },
  });
});
afterEach(async () => {
  await robot.close();
  // A sender serves every tenant: leave nothing for the next test.
  await database.system.notification.deleteMany();
});

function newSender(dingtalk: ChannelSender = createDingTalkSender(outbound)): OutboxSender {
  return createOutboxSender({
    database,
    cipher,
    senders: [dingtalk],
    clock: { now: () => now },
    logger,
    links: () => ({
      signal: (id) => `http://pages.test/signals/${id}`,
      account: (id) => `http://pages.test/accounts/${id}`,
    }),
  });
}

async function createChannel(
  overrides: { secret?: string; url?: string; locale?: string; customerId?: string } = {},
): Promise<string> {
  const id = newId();
  const tenant = await database.system.tenant.findUniqueOrThrow({ where: { id: tenantId } });
  await database.system.notificationChannel.create({
    data: {
      id,
      tenantId,
      customerId: overrides.customerId ?? null,
      kind: 'dingtalk',
      name: 'Group',
      locale: overrides.locale ?? 'en',
      configSealed: sealChannelConfig(cipher.forTenant(tenant), id, {
        url: overrides.url ?? robot.url,
        secret: overrides.secret ?? SECRET,
      }),
    },
  });
  return id;
}

function accountEntry(number: number): OutboxEntry {
  return {
    event: 'account_failing',
    audience: { kind: 'tenant' },
    dedupeKey: `account:${number}`,
    payload: {
      accountId: 'a'.repeat(32),
      customerName: `Customer no${number}.`,
      label: 'Main',
      venue: 'okx',
      mode: 'demo',
      health: 'failing',
      code: 'KEY_INVALID',
      at: START,
    },
  };
}

async function queue(...numbers: number[]): Promise<void> {
  await database.system.$transaction((tx) => insertOutbox(tx, tenantId, numbers.map(accountEntry), now));
}

async function rowsByStatus(): Promise<Record<string, number>> {
  const groups = await database.system.notification.groupBy({ by: ['status'], where: { tenantId }, _count: true });
  return Object.fromEntries(groups.map((group) => [group.status, group._count]));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe('the outbox', () => {
  it('adds each notification once a channel, however often it is queued', async () => {
    await createChannel();
    await createChannel();
    await queue(1, 2);
    await queue(2, 3);
    expect(await rowsByStatus()).toEqual({ pending: 6 });
  });

  it('vanishes with the transaction that it is part of', async () => {
    await createChannel();
    await expect(
      database.system.$transaction(async (tx) => {
        await insertOutbox(tx, tenantId, [accountEntry(1)], now);
        throw new Error('the order was not written');
      }),
    ).rejects.toThrow('the order was not written');
    expect(await rowsByStatus()).toEqual({});
  });

  it('speaks to a customer through his own channels alone', async () => {
    const customer = await database.system.customer.create({ data: { id: newId(), tenantId, name: 'A customer' } });
    const own = await createChannel({ customerId: customer.id });
    const tenants = await createChannel();
    await database.system.$transaction((tx) =>
      insertOutbox(
        tx,
        tenantId,
        [{ ...accountEntry(1), audience: { kind: 'customer', customerId: customer.id } }, accountEntry(2)],
        now,
      ),
    );
    const rows = await database.system.notification.findMany({ where: { tenantId } });
    expect(rows.map((row) => [row.channelId, row.dedupeKey]).sort()).toEqual(
      [
        [own, 'account:1'],
        [tenants, 'account:2'],
      ].sort(),
    );
  });
});

describe('createOutboxSender', () => {
  it('sends signed markdown in the language of the channel', async () => {
    await createChannel({ locale: 'zh' });
    await queue(1);
    expect(await newSender().runOnce()).toBe(1);
    expect(robot.messages).toHaveLength(1);
    expect(robot.messages[0]?.title).toBe('❌ 交易所账户异常');
    expect(robot.messages[0]?.text).toContain('Customer no1.');
    expect(robot.messages[0]?.text).toContain('(http://pages.test/accounts/');
    expect(await rowsByStatus()).toEqual({ sent: 1 });
  });

  it('tells many notifications in one message, and every one of many messages exactly once', async () => {
    await createChannel();
    await queue(...range(1, 250));
    const sender = newSender();
    while ((await rowsByStatus()).pending !== undefined) {
      await sender.runOnce();
      now += 1000;
    }
    const told = robot.messages.flatMap((message) => message.text.match(/no\d+\./g) ?? []);
    expect(told).toHaveLength(250);
    expect(new Set(told).size).toBe(250);
    expect(robot.messages.length).toBeLessThan(10);
    for (const message of robot.messages) expect(message.bytes).toBeLessThan(20_000);
  });

  it('never sends more than 20 messages in any minute, across restarts and channels of one robot', async () => {
    await createChannel();
    await createChannel();
    const sentAt: number[] = [];
    const record = (inner: ChannelSender): ChannelSender => ({
      ...inner,
      send: (config, message, at) => {
        sentAt.push(at);
        return inner.send(config, message, at);
      },
    });
    let sender = newSender(record(createDingTalkSender(outbound)));
    for (let second = 0; second < 300; second += 1) {
      await queue(second);
      await sender.runOnce();
      now += 1000;
    }
    for (const at of sentAt) {
      expect(sentAt.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(20);
    }
    expect(sentAt.length).toBeGreaterThan(60);

    // Another process knows only the rows.
    const before = sentAt.length;
    sender = newSender(record(createDingTalkSender(outbound)));
    await sender.runOnce();
    const used = sentAt.slice(0, before).filter((at) => at >= now - 60_000).length;
    expect(used + (sentAt.length - before)).toBeLessThanOrEqual(20);
  }, 60_000);

  it('sends what a dead sender had claimed once its lease has ended, and not before', async () => {
    await createChannel();
    await queue(1);
    const dingtalk = createDingTalkSender(outbound);
    let delivered: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      delivered = resolve;
    });
    // Delivers, and dies before it can note that.
    void newSender({
      ...dingtalk,
      send: async (...args) => {
        await dingtalk.send(...args);
        delivered();
        return new Promise(() => undefined);
      },
    }).runOnce();
    await reached;
    expect(robot.messages).toHaveLength(1);

    const successor = newSender();
    now += 29_000;
    expect(await successor.runOnce()).toBe(0);
    now += 1_001;
    expect(await successor.runOnce()).toBe(1);
    expect(robot.messages).toHaveLength(2);
    expect(await rowsByStatus()).toEqual({ sent: 1 });
    expect(await successor.runOnce()).toBe(0);
  });

  it('lets only one of two senders take a row', async () => {
    await createChannel();
    await queue(1, 2);
    await Promise.all([newSender().runOnce(), newSender().runOnce()]);
    expect(robot.messages).toHaveLength(1);
    expect(await rowsByStatus()).toEqual({ sent: 2 });
  });

  it('survives a restart of the process and of the robot', async () => {
    const url = robot.url;
    await createChannel({ url });
    await queue(1);
    await robot.close();
    await newSender().runOnce();
    expect(await rowsByStatus()).toEqual({ pending: 1 });
    robot = await startDingTalkRobot({ token: TOKEN, secret: SECRET, now: () => now });
    const [channel] = await database.system.notificationChannel.findMany({ where: { tenantId } });
    const tenant = await database.system.tenant.findUniqueOrThrow({ where: { id: tenantId } });
    await database.system.notificationChannel.update({
      where: { id: channel?.id ?? '' },
      data: {
        configSealed: sealChannelConfig(cipher.forTenant(tenant), channel?.id ?? '', {
          url: robot.url,
          secret: SECRET,
        }),
      },
    });
    now += 4_000;
    expect(await newSender().runOnce()).toBe(0);
    now += 2_000;
    expect(await newSender().runOnce()).toBe(1);
    expect(await rowsByStatus()).toEqual({ sent: 1 });
  });

  it('fails at once on a wrong secret, and says why without repeating one', async () => {
    await createChannel({ secret: 'SECwrong-canary-1a2b3c' });
    await queue(1);
    await newSender().runOnce();
    const [row] = await database.system.notification.findMany({ where: { tenantId } });
    expect(row).toMatchObject({ status: 'failed', sentAt: null });
    expect(row?.lastError).toMatch(/^SECURITY_MISMATCH: 310000 sign not match/);
    expect(row?.lastError).not.toContain(TOKEN);
    expect(robot.messages).toHaveLength(0);
  });

  it('waits a minute when the robot says that it was too much, with everything else for that channel', async () => {
    await createChannel();
    await queue(1);
    robot.answerNext({ status: 200, body: '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}' });
    const sender = newSender();
    await sender.runOnce();
    now += 30_000;
    await queue(2);
    expect(await sender.runOnce()).toBe(0);
    now += 30_001;
    expect(await sender.runOnce()).toBe(1);
    expect(robot.messages).toHaveLength(1);
    expect(robot.messages[0]?.text).toMatch(/no1\.[\s\S]*no2\./);
  });

  it('tries a broken robot less and less often, and gives up in the end', async () => {
    await createChannel();
    await queue(1);
    const sender = newSender();
    const triedAt: number[] = [];
    for (let step = 0; step < 20_000 && (await rowsByStatus()).failed === undefined; step += 1) {
      robot.answerNext({ status: 502, body: '<html>' });
      const before = robot.requests;
      await sender.runOnce();
      if (robot.requests > before) triedAt.push(now);
      const [row] = await database.system.notification.findMany({ where: { tenantId } });
      now = Math.max(now, row?.nextAttemptAt.getTime() ?? now);
    }
    const pauses = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(triedAt).toHaveLength(20);
    expect(pauses.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(Math.max(...pauses)).toBe(600_000);
    expect(await rowsByStatus()).toEqual({ failed: 1 });
  });

  it('gives up what cannot be told, and tells the others', async () => {
    await createChannel();
    const untellable = accountEntry(2);
    const payload = { ...untellable.payload, at: 9e15 } as never;
    await database.system.$transaction((tx) =>
      insertOutbox(tx, tenantId, [accountEntry(1), { ...untellable, payload }, accountEntry(3)], now),
    );
    await newSender().runOnce();
    const told = robot.messages.flatMap((message) => message.text.match(/no\d+\./g) ?? []);
    expect(told.sort()).toEqual(['no1.', 'no3.']);
    expect(await rowsByStatus()).toEqual({ sent: 2, failed: 1 });
  });

  it('serves the other channels although one cannot be served', async () => {
    await createChannel({ locale: 'zh' });
    await createChannel({ locale: 'en' });
    await queue(1);
    const sender = createDingTalkSender(outbound);
    const fails: ChannelSender = {
      ...sender,
      send: (config, message, at) => {
        if (message.title.includes('交易所')) throw new Error('a fault of the program');
        return sender.send(config, message, at);
      },
    };
    const mended = newSender(fails);
    for (let round = 0; round < 3; round += 1) {
      await mended.runOnce();
      now += 5000;
    }
    expect(await rowsByStatus()).toEqual({ sent: 1, failed: 1 });
  });

  it('reads an answer that never comes as unknown and tries again', async () => {
    await createChannel();
    await queue(1);
    robot.answerNext('hang');
    const hurried = createDingTalkSender({
      ...outbound,
      postJson: (url, body) => outbound.postJson(url, body, 200),
    });
    await newSender(hurried).runOnce();
    const [row] = await database.system.notification.findMany({ where: { tenantId } });
    expect(row).toMatchObject({ status: 'pending', lastError: expect.stringMatching(/^UNREACHABLE: /) });
  });

  it('does not call an address that the policy refuses', async () => {
    const strict = createOutbound({ hosts: ['oapi.dingtalk.com'], allowPrivate: false });
    await createChannel();
    await queue(1);
    await newSender(createDingTalkSender(strict)).runOnce();
    expect(robot.requests).toBe(0);
    expect(await rowsByStatus()).toEqual({ failed: 1 });
    await strict.close();
  });

  it('writes neither token nor secret into a log line or a row', async () => {
    await createChannel();
    await createChannel({ secret: 'SECwrong-canary-1a2b3c' });
    await queue(1);
    robot.answerNext({ status: 500, body: '' });
    await newSender().runOnce();
    now += 10_000;
    await newSender().runOnce();
    expect(logged).toContain('message');
    const rows = JSON.stringify([
      await database.system.notification.findMany(),
      await database.system.notificationChannel.findMany(),
    ]);
    for (const text of [logged, rows]) {
      for (const secret of [TOKEN, SECRET, 'SECwrong-canary-1a2b3c']) expect(text).not.toContain(secret);
    }
  });
});
