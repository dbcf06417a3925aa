import { type Connection, createConnection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@/testing/copying/stage';
import { createTestDatabase, type TestDatabase } from '@/testing/services';

import { connectDatabase, type Database, Prisma } from './database';
import { parseDatabaseUrl } from './database-url';

const [FIRST, SECOND] = ['1'.repeat(32), '2'.repeat(32)];

/** The server shows a picture of its transactions that is renewed only when nobody has looked for a tenth of a second. */
const LOOK_EVERY_MS = 150;

describe('a statement that the database ends in favour of another one', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let rival: Connection;
  let observer: Connection;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = connectDatabase(testDatabase.url);
    const { connectionLimit: _poolOnly, ...address } = parseDatabaseUrl(testDatabase.url);
    [rival, observer] = [await createConnection(address), await createConnection(address)];
    for (const id of [FIRST, SECOND]) {
      await database.system.tenant.create({ data: { id, name: 'Before', slug: id, wrappedKey: 'none' } });
    }
    await rival.query('CREATE TABLE Ballast (id INT PRIMARY KEY)');
  });
  afterAll(async () => {
    await rival.end();
    await observer.end();
    await database.close();
    await testDatabase.drop();
  });

  async function meetRival(statement: () => Promise<unknown>): Promise<void> {
    await rival.beginTransaction();
    // The one that has changed less is ended.
    await rival.query('INSERT INTO Ballast SELECT seq FROM seq_1_to_500');
    await rival.query('SELECT id FROM Tenant WHERE id = ? FOR UPDATE', [SECOND]);
    // Prisma begins when it is awaited.
    const done = (async () => statement())();
    await until(
      async () => {
        const rows = await observer.query(
          "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%After%'",
        );
        return (rows as unknown[]).length > 0;
      },
      'the statement waits for the second row',
      10_000,
      LOOK_EVERY_MS,
    );
    // Gets the row only where the database took it from the statement: else one of both would wait for ever.
    await rival.query('SELECT id FROM Tenant WHERE id = ? FOR UPDATE', [FIRST]);
    await rival.rollback();
    await done;
  }

  it.each([
    [
      'of Prisma',
      () => database.system.tenant.updateMany({ where: { id: { in: [FIRST, SECOND] } }, data: { name: 'After A' } }),
      'After A',
    ],
    [
      'of its own',
      () => database.system.$executeRaw`UPDATE Tenant SET name = 'After B' WHERE id IN (${FIRST}, ${SECOND})`,
      'After B',
    ],
    [
      'of a transaction below Prisma',
      () =>
        database.statements.transaction((tx) =>
          tx.$executeRaw(Prisma.sql`UPDATE Tenant SET name = 'After C' WHERE id IN (${FIRST}, ${SECOND})`),
        ),
      'After C',
    ],
  ])('%s is run again', async (_kind, statement, name) => {
    await meetRival(statement);
    expect(await database.system.tenant.findMany({ select: { name: true } })).toEqual([{ name }, { name }]);
  });
});

describe('a transaction below Prisma', () => {
  it('leaves nothing of what it did when it fails, and gives its connection back', async () => {
    const testDatabase = await createTestDatabase();
    const database = connectDatabase(testDatabase.url, 1);
    const { statements, system } = database;
    const add = Prisma.sql`INSERT INTO Tenant (id, name, slug, wrappedKey, updatedAt) VALUES (${FIRST}, 'Gone', 'gone', 'none', ${new Date()})`;
    for (let round = 0; round < 3; round += 1) {
      const failing = statements.transaction(async (tx) => {
        expect(await tx.$executeRaw(add)).toBe(1);
        expect(await tx.$queryRaw(Prisma.sql`SELECT name FROM Tenant WHERE id = ${FIRST}`)).toEqual([{ name: 'Gone' }]);
        throw new Error('changed its mind');
      });
      await expect(failing).rejects.toThrow('changed its mind');
    }
    expect(await system.tenant.count()).toBe(0);
    await database.close();
    await testDatabase.drop();
  });
});
