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
    const { connection: address } = parseDatabaseUrl(testDatabase.url);
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
    await rival.query(
      'INSERT INTO Ballast WITH RECURSIVE n AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM n WHERE seq < 500) SELECT seq FROM n',
    );
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
    [
      'of statements that are sent at once',
      () =>
        database.statements.together(
          [
            Prisma.sql`UPDATE Tenant SET name = 'After D' WHERE id IN (${FIRST}, ${SECOND})`,
            // Committed alone at the first attempt, it would fail at the second.
            Prisma.sql`INSERT INTO Tenant (id, name, slug, wrappedKey, updatedAt) VALUES ('3', 'Behind', 'behind', 'none', ${new Date()})`,
          ],
          () => true,
        ),
      'After D',
    ],
  ])('%s is run again', async (_kind, statement, name) => {
    await meetRival(statement);
    const id = { in: [FIRST, SECOND] };
    expect(await database.system.tenant.findMany({ where: { id }, select: { name: true } })).toEqual([
      { name },
      { name },
    ]);
  });
});

const add = (id: string): Prisma.Sql =>
  Prisma.sql`INSERT INTO Tenant (id, name, slug, wrappedKey, updatedAt) VALUES (${id}, 'New', ${id}, 'none', ${new Date()})`;

describe('a transaction below Prisma', () => {
  let testDatabase: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    // Of more connections, one that is not given back would not be missed.
    database = connectDatabase(testDatabase.url, 1);
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  const names = () => database.system.tenant.findMany({ select: { name: true } });

  it('leaves nothing of what it did when it fails, and gives its connection back', async () => {
    for (let round = 0; round < 3; round += 1) {
      const failing = database.statements.transaction(async (tx) => {
        expect(await tx.$executeRaw(add(FIRST))).toBe(1);
        expect(await tx.$queryRaw(Prisma.sql`SELECT name FROM Tenant WHERE id = ${FIRST}`)).toEqual([{ name: 'New' }]);
        throw new Error('changed its mind');
      });
      await expect(failing).rejects.toThrow('changed its mind');
    }
    expect(await names()).toEqual([]);
  });

  it.each([
    ['one of its statements fails, whatever stands behind it', [add(FIRST), add(FIRST), add(SECOND)], true],
    ['what they changed is not agreed to', [add(FIRST), add(SECOND)], false],
  ])('of statements that are sent at once leaves nothing when %s', async (_why, queries, agrees) => {
    for (let round = 0; round < 3; round += 1) {
      const told: (readonly number[])[] = [];
      const done = database.statements.together(queries, (changed) => {
        told.push(changed);
        return agrees;
      });
      if (agrees) await expect(done).rejects.toThrow('Duplicate entry');
      else expect(await done).toBe(false);
      expect(told).toEqual(agrees ? [] : [[1, 1]]);
    }
    expect(await names()).toEqual([]);
    // A connection that stayed without autocommit would keep this to itself.
    await database.statements.$executeRaw(add(FIRST));
    const elsewhere = connectDatabase(testDatabase.url, 1);
    expect(await elsewhere.system.tenant.count()).toBe(1);
    await elsewhere.close();
    await database.statements.$executeRaw(Prisma.sql`DELETE FROM Tenant`);
  });

  it('of statements that are sent at once is committed, and the connection given back as it was', async () => {
    const { statements } = database;
    const rename = Prisma.sql`UPDATE Tenant SET name = 'Renamed'`;
    expect(await statements.together([add(FIRST), add(SECOND), rename], ([, , renamed]) => renamed === 2)).toBe(true);
    expect(await names()).toEqual([{ name: 'Renamed' }, { name: 'Renamed' }]);
    expect(await statements.$queryRaw(Prisma.sql`SELECT @@autocommit AS autocommit`)).toEqual([{ autocommit: 1 }]);
    await statements.$executeRaw(Prisma.sql`DELETE FROM Tenant`);
  });

  it('reads moments and decimals as SQL writes them, and counts as numbers', async () => {
    const at = new Date('2026-01-31T23:59:59.120Z');
    const [row] = await database.statements.$queryRaw<object[]>(
      Prisma.sql`SELECT CAST(${at} AS DATETIME(3)) AS moment, CAST('1.50' AS DECIMAL(36, 18)) AS amount, COUNT(*) AS count, NULL AS nothing FROM Tenant`,
    );
    const moment = '2026-01-31 23:59:59.120';
    expect(row).toEqual({ moment, amount: '1.500000000000000000', count: 0, nothing: null });
  });

  it('says what the database says to a statement that fails, not what was asked', async () => {
    const failing = database.statements.$executeRaw(Prisma.sql`DELETE FROM Nowhere WHERE id = ${'a secret'}`);
    const error = await failing.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StatementError', errno: 1146, message: expect.stringContaining('Nowhere') });
    expect(String(error)).not.toMatch(/DELETE|secret/);
  });
});
