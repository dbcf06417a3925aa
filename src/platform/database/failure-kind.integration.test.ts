import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { newId } from '../ids';
import { bulkInsert } from './bulk';
import { connectDatabase, type Database, Prisma } from './database';
import { failureKind, TransactionEndedError, UnwritableValueError } from './failure-kind';
import { StatementError } from './run-statement';

const HUGE = '9'.repeat(30);

describe('where the reason of a failure lies', () => {
  let rows: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    rows = await createTestDatabase();
    database = connectDatabase(rows.url, 2);
  });
  afterAll(async () => {
    await database.close();
    await rows.drop();
  });

  const insert = (values: Prisma.Sql) =>
    Prisma.sql`INSERT INTO RoundingDebt (tenantId, subscriptionId, instrumentId, side, quantity, updatedAt) VALUES ${values}`;
  const id = newId();
  const STATEMENTS: readonly (readonly [string, Prisma.Sql])[] = [
    ['a number out of range', insert(Prisma.sql`(${id}, ${id}, 'x', 'long', ${HUGE}, NOW(3))`)],
    ['a text that is no number', insert(Prisma.sql`(${id}, ${id}, 'x', 'long', 'NaN', NOW(3))`)],
    ['a text that is too long', insert(Prisma.sql`(${id}, ${id}, ${'x'.repeat(61)}, 'long', 1, NOW(3))`)],
    ['no value', insert(Prisma.sql`(${id}, ${id}, 'x', 'long', NULL, NOW(3))`)],
    ['a word that its list does not have', insert(Prisma.sql`(${id}, ${id}, 'x', 'sideways', 1, NOW(3))`)],
    [
      'a key that is taken',
      insert(Prisma.sql`(${id}, ${id}, 'x', 'long', 1, NOW(3)), (${id}, ${id}, 'x', 'long', 1, NOW(3))`),
    ],
    [
      'JSON that is none',
      Prisma.sql`INSERT INTO Setting (tenantId, \`key\`, value, updatedAt) VALUES (${id}, 'k', '{', NOW(3))`,
    ],
  ];

  it.each(STATEMENTS)('is the data for %s, whoever runs the statement', async (_what, statement) => {
    const tenant = database.forTenant(id);
    const attempts = [
      () => database.statements.$executeRaw(statement),
      () => database.statements.transaction((tx) => tx.$executeRaw(statement)),
      () => database.system.$executeRaw(statement),
      () => tenant.$transaction((tx) => tx.$executeRaw(statement)),
    ];
    for (const attempt of attempts) {
      const error = await attempt().catch((failure: unknown) => failure);
      expect([failureKind(error), String(error)]).toEqual(['data', expect.any(String)]);
    }
  });

  it('is the data for what Prisma refuses itself', async () => {
    const slug = newId();
    const data = { id: slug, name: 'x', slug, wrappedKey: 'w' };
    const { tenant } = database.system;
    await tenant.create({ data });
    for (const wrong of [data, { ...data, id: newId(), slug: newId(), name: 'x'.repeat(101) }]) {
      const error = await tenant.create({ data: wrong }).catch((failure: unknown) => failure);
      expect(failureKind(error)).toBe('data');
    }
    const missing = await tenant.findUniqueOrThrow({ where: { id: newId() } }).catch((failure: unknown) => failure);
    expect(failureKind(missing)).toBe('data');
  });

  it('is the data for a value that is refused before it travels, which names its row', async () => {
    const columns = { subscriptionId: 'CHAR(32)', quantity: 'DECIMAL(36,18)' } as const;
    const debts = ['1', null, '2', HUGE].map((quantity) => ({ subscriptionId: newId(), quantity }));
    for (const quantity of ['NaN', 'Infinity', '1e5', '', ' 1', '-', HUGE, '1000000000000000000', '1.']) {
      const writing = bulkInsert(database.statements, 'RoundingDebt', id, columns, [{ subscriptionId: id, quantity }]);
      await expect(writing).rejects.toThrow(UnwritableValueError);
    }
    const error = await bulkInsert(database.statements, 'RoundingDebt', id, columns, debts).catch((e: unknown) => e);
    expect([failureKind(error), error]).toEqual(['data', expect.objectContaining({ column: 'quantity', index: 3 })]);
  });

  it('is the database where it is away, or ends a connection', async () => {
    const other = connectDatabase(rows.url, 1);
    const [connection] = await other.statements.$queryRaw<{ id: number }[]>(Prisma.sql`SELECT CONNECTION_ID() AS id`);
    await database.system.$executeRawUnsafe(`KILL ${Number(connection?.id)}`);
    const cut = await other.statements
      .transaction((tx) => tx.$executeRaw(Prisma.sql`SELECT 1`))
      .catch((e: unknown) => e);
    if (cut instanceof Error) expect(failureKind(cut)).toBe('database');
    await other.close();
    const gone = connectDatabase(rows.url.replace(/:\d+\//, ':1/'), 1);
    const refused = await gone.system.$queryRaw`SELECT 1`.catch((error: unknown) => error);
    expect(failureKind(refused)).toBe('database');
    const below = await gone.statements.$queryRaw(Prisma.sql`SELECT 1`).catch((error: unknown) => error);
    expect(failureKind(below)).toBe('database');
    await gone.close();
  }, 60_000);

  it.each<[string, unknown, string]>([
    ['a deadlock', new StatementError('Deadlock', 1213, false), 'database'],
    ['a full disk', new StatementError('The table is full', 1114, false), 'database'],
    ['a pool without a free connection', new StatementError('pool timeout', 45_028, false), 'database'],
    ['a lost connection', new StatementError('socket closed', null, true), 'database'],
    ['an answer that did not come', Object.assign(new Error('late'), { code: 'ETIMEDOUT' }), 'database'],
    ['a transaction that has ended', new TransactionEndedError(), 'database'],
    ['a defect of ours', new TypeError('x is not a function'), 'data'],
    ['a statement that the server does not understand', new StatementError('syntax', 1064, false), 'unclear'],
    ['no error', 'away', 'unclear'],
  ])('of %s', (_what, error, kind) => expect(failureKind(error)).toBe(kind));
});
