import { type Connection, createConnection } from 'mariadb';
import { sha256 } from '../ids';
import { parseDatabaseUrl } from './database-url';
import { outliveFailedConnects } from './failed-connects';

/** A lock that one process of an installation holds at a time, for work that must not run twice at once. */
export interface NamedLock {
  /** True when this process holds the lock, which it takes if nobody does. Never waits for another holder; never rejects. */
  hold(): Promise<boolean>;
  /** Lets go; another process may take it at once. */
  release(): Promise<void>;
}

/**
 * MySQL's own lock, bound to a connection of its own: when the process dies, its connection does, and the lock is free. Who
 * loses the connection learns it at the next `hold`, so what is done under the lock must also be safe when two do it for a
 * moment.
 */
export function createNamedLock(databaseUrl: string, name: string): NamedLock {
  outliveFailedConnects();
  const { connection: address } = parseDatabaseUrl(databaseUrl);
  // Names are one space for the whole server, at most 64 characters.
  const key = `slipstream:${sha256(`${address.database}:${name}`).slice(0, 40)}`;
  let connecting: Promise<Connection> | null = null;

  function connect(): Promise<Connection> {
    connecting ??= open();
    return connecting;
  }

  async function open(): Promise<Connection> {
    const opened = await createConnection({ connectTimeout: 5000, ...address, socketTimeout: 10_000 });
    // The next query fails and opens another one; without a listener the process would end.
    opened.on('error', () => undefined);
    return opened;
  }

  async function drop(): Promise<void> {
    const current = connecting;
    connecting = null;
    await current?.then((connection) => connection.end().catch(() => connection.destroy())).catch(() => undefined);
  }

  return {
    async hold() {
      try {
        const current = await connect();
        // GET_LOCK of a lock that the connection holds would count up: ask first.
        const rows: { mine: number | bigint | null; taken: number | bigint | null }[] = await current.query(
          'SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine, IF(IS_USED_LOCK(?) IS NULL, GET_LOCK(?, 0), 0) AS taken',
          [key, key, key],
        );
        const row = rows[0];
        return Number(row?.mine ?? 0) === 1 || Number(row?.taken ?? 0) === 1;
      } catch {
        await drop();
        return false;
      }
    },
    async release() {
      // A server notices a moment later that a connection has ended; who is told that the lock is free must find it so.
      const current = await connecting?.catch(() => null);
      await current?.query('SELECT RELEASE_LOCK(?)', [key]).catch(() => undefined);
      await drop();
    },
  };
}
