import { createConnection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyTestDatabase, type TestDatabase } from '@/testing/services';
import { parseDatabaseUrl } from './database-url';
import { createNamedLock } from './named-lock';

let one: TestDatabase;
let other: TestDatabase;
beforeAll(async () => {
  one = await createEmptyTestDatabase();
  other = await createEmptyTestDatabase();
});
afterAll(async () => {
  await one.drop();
  await other.drop();
});

describe('createNamedLock', () => {
  it('belongs to one holder until he lets go', async () => {
    const first = createNamedLock(one.url, 'work');
    const second = createNamedLock(one.url, 'work');
    expect(await Promise.all([first.hold(), first.hold()])).toEqual([true, true]);
    expect(await second.hold()).toBe(false);
    await first.release();
    expect(await second.hold()).toBe(true);
    expect(await first.hold()).toBe(false);
    await Promise.all([first.release(), second.release()]);
  });

  it('is one for each name and database, even on the same server', async () => {
    const locks = [
      createNamedLock(one.url, 'work'),
      createNamedLock(one.url, 'other work'),
      createNamedLock(other.url, 'work'),
    ];
    expect(await Promise.all(locks.map((lock) => lock.hold()))).toEqual([true, true, true]);
    await Promise.all(locks.map((lock) => lock.release()));
  });

  it('is taken again when its connection was lost', async () => {
    const lock = createNamedLock(one.url, 'work');
    expect(await lock.hold()).toBe(true);
    const { connection: address } = parseDatabaseUrl(one.url);
    const admin = await createConnection(address);
    const threads: { id: bigint }[] = await admin.query(
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
    );
    for (const { id } of threads) await admin.query(`KILL ${id}`);
    await admin.end();
    const answers = [await lock.hold(), await lock.hold()];
    expect(answers.at(-1)).toBe(true);
    await lock.release();
  });

  it('is held by nobody while the database is away', async () => {
    const lock = createNamedLock('mysql://nobody:none@127.0.0.1:1/none', 'work');
    expect(await lock.hold()).toBe(false);
    await lock.release();
  });
});
