import type { EffectPlane } from '../effects';
import { TransactionEndedError } from './failure-kind';
import type { Prisma } from './generated/client';
import { type Connection, changeRows, type Driver, readRows, statementName, told } from './run-statement';

const hearNothing = (): void => undefined;
const say = (connection: Connection, sql: string): Promise<unknown> => told(() => connection.query({ sql }));

/** A transaction on a connection of its own, which is given back with its end. Statements pass the effect plane. */
export class OpenTransaction {
  #ended = false;
  #forget = hearNothing;

  /**
   * @param begun resolves when the connection is in a transaction
   * @param restore what is said to the connection before it is given back
   */
  private constructor(
    readonly connection: Connection,
    readonly plane: EffectPlane,
    readonly begun: Promise<unknown>,
    readonly restore: string | null,
  ) {
    // Who waits for a statement hears of a broken connection; an event that nobody hears would end the process.
    connection.on('error', hearNothing);
    begun.catch(hearNothing);
    // A server rolls back what a vanished client left open.
    this.#forget = plane.onDeath(() => void this.rollback());
  }

  /** Opens one when the server has said so. Throws StatementError. */
  static async begin(driver: Driver, plane: EffectPlane): Promise<OpenTransaction> {
    let open: OpenTransaction | undefined;
    try {
      return await plane.perform({ kind: 'sql', name: 'BEGIN', insideTransaction: true }, async () => {
        const connection = await told(() => driver.getConnection());
        open = new OpenTransaction(connection, plane, say(connection, 'BEGIN'), null);
        await open.begun;
        return open;
      });
    } catch (error) {
      // Who did not hear that it was opened cannot end it.
      await open?.rollback();
      throw error;
    }
  }

  /**
   * For statements that are sent without waiting for each other. Where the database ends a transaction at one of them, those behind it
   * must not be committed alone, as they would be after BEGIN: without autocommit they begin the next one. One that waits for a lock
   * for too long ends alone, and those behind it wait in their turn. Throws StatementError.
   */
  static async beginUnheard(driver: Driver, plane: EffectPlane): Promise<OpenTransaction> {
    const connection = await told(() => driver.getConnection());
    return new OpenTransaction(connection, plane, say(connection, 'SET autocommit = 0'), 'SET autocommit = 1');
  }

  $queryRaw<T>(query: Prisma.Sql): Promise<T> {
    return this.#inside(query, () => readRows<T>(this.connection, query));
  }

  $executeRaw(query: Prisma.Sql): Promise<number> {
    return this.#inside(query, () => changeRows(this.connection, query));
  }

  /** Sends all of them at once. Throws once all are answered, what the first that failed says. */
  async executeAll(queries: readonly Prisma.Sql[]): Promise<readonly number[]> {
    const sent = [this.begun, ...queries.map((query) => this.$executeRaw(query))];
    await Promise.allSettled(sent);
    const [, ...changed] = await Promise.all(sent);
    return changed as number[];
  }

  /** Acts, and commits what was done if it is to be kept; else, and where acting fails, nothing of it happened. */
  async around<T>(act: () => Promise<T>, keep: (done: T) => boolean): Promise<T> {
    let done: T;
    try {
      done = await act();
    } catch (error) {
      await this.rollback();
      throw error;
    }
    if (keep(done)) await this.plane.perform({ kind: 'sql', name: 'COMMIT' }, () => this.#end('COMMIT'));
    else await this.rollback();
    return done;
  }

  /** Nothing of it happened; does nothing where it has ended. Never rejects. */
  async rollback(): Promise<void> {
    await this.#end('ROLLBACK').catch(hearNothing);
  }

  #inside<T>(query: Prisma.Sql, act: () => Promise<T>): Promise<T> {
    const effect = { kind: 'sql', name: statementName(query.sql), insideTransaction: true } as const;
    return this.plane.perform(effect, async () => {
      // The connection may be somebody else's by now.
      if (this.#ended) throw new TransactionEndedError();
      return act();
    });
  }

  async #end(word: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    if (this.#ended) {
      if (word === 'COMMIT') throw new TransactionEndedError();
      return;
    }
    this.#ended = true;
    this.#forget();
    try {
      await say(this.connection, word);
    } catch (error) {
      this.connection.destroy();
      throw error;
    }
    void this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    try {
      if (this.restore !== null) await say(this.connection, this.restore);
      this.connection.off('error', hearNothing);
      await this.connection.release();
    } catch {
      this.connection.destroy();
    }
  }
}
