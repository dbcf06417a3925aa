import type { PrismaMariaDb } from '@prisma/adapter-mariadb';
import type { Prisma } from './generated/client';
import { sqlTime } from './text-rows';

/** The connections of a process, below Prisma's adapter. */
export type Driver = ReturnType<Awaited<ReturnType<PrismaMariaDb['connect']>>['underlyingDriver']>;
export type Connection = Awaited<ReturnType<Driver['getConnection']>>;

type SqlError = { readonly errno: number; readonly sqlMessage: string | null; readonly fatal: boolean };

/** Whoever runs statements that stand alone, or those of a transaction. */
type Runner = Pick<Connection, 'query'>;

const AS_TEXT = {
  dateStrings: true,
  bigIntAsNumber: true,
  checkNumberRange: true,
  autoJsonMap: false,
  jsonStrings: true,
  bitOneIsBoolean: false,
} as const;

/** What the database said to a statement that failed. The driver's own errors repeat the statement and its values. */
export class StatementError extends Error {
  override readonly name = 'StatementError';

  /**
   * @param errno MySQL's number, or the driver's where the connection failed
   * @param fatal the connection is lost
   */
  constructor(
    message: string,
    readonly errno: number | null,
    readonly fatal: boolean,
  ) {
    super(message);
  }
}

/** How a statement begins, for the names of effects: far enough to tell a claim's renewal from its end. */
export function statementName(sql: string): string {
  return sql.slice(0, 160).trim().replace(/\s+/g, ' ').slice(0, 64);
}

/** Rows, each as an object with its columns' names. Throws StatementError. */
export async function readRows<T>(on: Runner, { sql, values }: Prisma.Sql): Promise<T> {
  return told(() => on.query<T>({ sql, ...AS_TEXT }, values.map(toValue)));
}

/** How many rows a statement found to change. Throws StatementError. */
export async function changeRows(on: Runner, query: Prisma.Sql): Promise<number> {
  const { affectedRows } = await readRows<{ affectedRows?: number }>(on, query);
  return affectedRows ?? 0;
}

/** The driver writes moments in the time zone of the machine. */
function toValue(value: unknown): unknown {
  return value instanceof Date ? sqlTime(value) : value;
}

/** Asks the driver something; throws StatementError. */
export async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { errno = null, sqlMessage, fatal = false } = error as Partial<SqlError>;
    throw new StatementError(sqlMessage ?? error.message, errno, fatal);
  }
}
