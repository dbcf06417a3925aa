import type { EffectPlane } from '../effects';
import type { Prisma } from './generated/client';
import { OpenTransaction } from './open-transaction';
import { retryTransaction } from './retry';
import { changeRows, type Driver, readRows, statementName } from './run-statement';

/** What raw statements need: of Prisma's clients and transactions, and of `Statements`. */
export type RawReader = { $queryRaw<T>(query: Prisma.Sql): Promise<T> };
export type RawWriter = { $executeRaw(query: Prisma.Sql): Promise<number> };

/**
 * Raw statements that go to the driver as they are. Prisma's client serialises the parameters of a raw statement, interprets it as a
 * plan and reads the result value by value, its adapter looks at every value once more: half a millisecond for each statement, ten for
 * a thousand rows, and what a signal waits for is a dozen of them. Values come as the driver gives them: texts and numbers; moments
 * and decimals as SQL writes them.
 */
export interface Statements extends RawReader, RawWriter {
  /** All or nothing; run again as a whole where the database ended it in favour of another one. */
  transaction<T>(act: (tx: RawReader & RawWriter) => Promise<T>): Promise<T>;
  /**
   * Statements that need not know of each other's results, all or nothing: sent at once, they take two round trips instead of one each
   * and two more. Run again as a whole where the database ended them in favour of another transaction.
   * @param agree told how many rows each changed; false: nothing is to happen
   * @returns what `agree` said
   */
  together(queries: readonly Prisma.Sql[], agree: (changed: readonly number[]) => boolean): Promise<boolean>;
}

/** @param connect answers the same connections again and again */
export function statementsOver(connect: () => Promise<Driver>, plane: EffectPlane): Statements {
  const alone = <T>(query: Prisma.Sql, act: (driver: Driver) => Promise<T>): Promise<T> =>
    plane.perform({ kind: 'sql', name: statementName(query.sql) }, () =>
      retryTransaction(async () => act(await connect())),
    );
  return {
    $queryRaw: <T>(query: Prisma.Sql) => alone(query, (driver) => readRows<T>(driver, query)),
    $executeRaw: (query) => alone(query, (driver) => changeRows(driver, query)),
    transaction: (act) =>
      retryTransaction(async () => {
        const transaction = await OpenTransaction.begin(await connect(), plane);
        return transaction.around(() => act(transaction), always);
      }),
    together: (queries, agree) =>
      retryTransaction(async () => {
        const transaction = await OpenTransaction.beginUnheard(await connect(), plane);
        return transaction.around(async () => agree(await transaction.executeAll(queries)), Boolean);
      }),
  };
}

const always = (): boolean => true;
