import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { removeOldRows } from './remove-old-rows';

const NOW = Date.UTC(2026, 10, 21);
const daysAgo = (days: number): Date => new Date(NOW - days * 86_400_000);

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

describe('removeOldRows', () => {
  it('removes settled notifications, rejected messages and done exits that are old, and nothing that waits', async () => {
    const tenantId = newId();
    const channelId = newId();
    await database.system.tenant.create({ data: { id: tenantId, name: 'T', slug: tenantId, wrappedKey: 'k' } });
    await database.system.notificationChannel.create({
      data: { id: channelId, tenantId, kind: 'dingtalk', name: 'G', configSealed: '-' },
    });
    const notification = (status: 'pending' | 'sent' | 'failed', days: number) => ({
      id: newId(),
      tenantId,
      channelId,
      dedupeKey: `${status}:${days}`,
      event: 'test',
      payload: {},
      status,
      nextAttemptAt: daysAgo(days),
      createdAt: daysAgo(days),
    });
    await database.system.notification.createMany({
      data: [
        notification('sent', 13),
        notification('sent', 15),
        notification('failed', 15),
        notification('failed', 31),
        notification('pending', 60),
      ],
    });
    await database.system.rejectedMessage.createMany({
      data: [29, 31].map((days) => ({
        id: newId(),
        tenantId,
        sourceId: newId(),
        code: 'X',
        message: String(days),
        rawBody: '',
        receivedAt: daysAgo(days),
      })),
    });
    const exit = (side: 'long' | 'short', dueDays: number, doneDays: number | null) => ({
      ...{ tenantId, side, subscriptionId: newId(), instrumentId: 'okx:BTC-USDT-SWAP', cause: 'flatten' as const },
      ...{ customerId: newId(), accountId: newId(), strategyId: newId(), sourceId: newId() },
      dueAt: daysAgo(dueDays),
      doneAt: doneDays === null ? null : daysAgo(doneDays),
      nextAt: daysAgo(dueDays),
      updatedAt: daysAgo(dueDays),
    });
    await database.system.positionExit.createMany({
      data: [exit('long', 40, 31), exit('short', 40, 29), exit('long', 60, null)],
    });
    expect(await removeOldRows({ database, clock: { now: () => NOW } })).toEqual({
      notifications: 2,
      rejectedMessages: 1,
      exits: 1,
    });
    const exits = await database.system.positionExit.findMany({ orderBy: { dueAt: 'asc' } });
    expect(exits.map((row) => row.doneAt)).toEqual([null, daysAgo(29)]);
    const kept = await database.system.notification.findMany({ orderBy: { dedupeKey: 'asc' } });
    expect(kept.map((row) => row.dedupeKey)).toEqual(['failed:15', 'pending:60', 'sent:13']);
    expect((await database.system.rejectedMessage.findMany()).map((row) => row.message)).toEqual(['29']);
  });
});
