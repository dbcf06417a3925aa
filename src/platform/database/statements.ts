import type { PrismaMariaDb } from '@prisma/adapter-mariadb';
import type { Prisma } from './generated/client';
import { retryTransaction } from './retry';

/** The driver below Prisma, whose statements pass the effect plane. */
type Adapter = Awaited<ReturnType<PrismaMariaDb['connect']>>;
type Queryable = Pick<Adapter, 'queryRaw' | 'executeRaw'>;
type Query = Parameters<Adapter['queryRaw']>[0];

/** What raw statements need: of Prisma's clients and transactions, and of `Statements`. */
export type RawReader = { $queryRaw<T>(query: Prisma.Sql): Promise<T> };
export type RawWriter = { $executeRaw(query: Prisma.Sql): Promise<number> };

/**
 * Raw statements that go to the driver as they are. Prisma's client serialises the parameters of a raw statement, interprets it as a
 * plan and reads the result value by value: half a millisecond for each, ten for a thousand rows, and what a signal waits for is a
 * dozen of them. Values come as the driver gives them, text and numbers: for columns of text and small integers.
 */
export interface Statements extends RawReader, RawWriter {
  /** All or nothing; run again as a whole where the database ended it in favour of another one. */
  transaction<T>(act: (tx: RawReader & RawWriter) => Promise<T>): Promise<T>;
}

/** @param connect answers the same adapter again and again */
export function statementsOver(connect: () => Promise<Adapter>): Statements {
  return {
    $queryRaw: async <T>(query: Prisma.Sql) => read<T>(await connect(), query),
    $executeRaw: async (query) => (await connect()).executeRaw(toQuery(query)),
    transaction: (act) => retryTransaction(async () => inTransaction(await connect(), act)),
  };
}

async function inTransaction<T>(adapter: Adapter, act: (tx: RawReader & RawWriter) => Promise<T>): Promise<T> {
  const transaction = await adapter.startTransaction();
  let done: T;
  try {
    done = await act({
      $queryRaw: <R>(query: Prisma.Sql) => read<R>(transaction, query),
      $executeRaw: (query) => transaction.executeRaw(toQuery(query)),
    });
  } catch (error) {
    await transaction.rollback().catch(() => undefined);
    throw error;
  }
  await transaction.commit();
  return done;
}

async function read<T>(db: Queryable, query: Prisma.Sql): Promise<T> {
  const { columnNames, rows } = await db.queryRaw(toQuery(query));
  return rows.map((values) => Object.fromEntries(columnNames.map((name, index) => [name, values[index]]))) as T;
}

const PLAIN = { scalarType: 'unknown', arity: 'scalar' } as const;

function toQuery({ sql, values }: Prisma.Sql): Query {
  return { sql, args: [...values], argTypes: values.map(() => PLAIN) };
}
