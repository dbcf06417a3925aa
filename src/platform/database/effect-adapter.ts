import type { PrismaMariaDb } from '@prisma/adapter-mariadb';
import type { EffectPlane } from '../effects';
import { retryTransaction } from './retry';
import { type Driver, statementName } from './run-statement';

type Adapter = Awaited<ReturnType<PrismaMariaDb['connect']>>;
type AdapterTransaction = Awaited<ReturnType<Adapter['startTransaction']>>;
type Query = Parameters<Adapter['queryRaw']>[0];

/**
 * Sends every statement of a Prisma adapter through the effect plane. A statement that stands alone is a transaction of its
 * own: where the database ended it in favour of another one, nothing of it is left, and it is run again here, once for all
 * callers. Who opens a transaction repeats it himself.
 */
export function throughEffects(factory: PrismaMariaDb, plane: EffectPlane) {
  let connected: Promise<{ readonly adapter: Adapter; readonly driver: Driver }> | null = null;
  const connect = () => {
    connected ??= factory
      .connect()
      .then((adapter) => ({ adapter: wrapAdapter(adapter, plane), driver: adapter.underlyingDriver() }));
    connected.catch(() => {
      connected = null;
    });
    return connected;
  };
  return {
    provider: 'mysql' as const,
    adapterName: factory.adapterName,
    /** One set of connections, whoever asks for it; asked again where the database was away. */
    connect: async (): Promise<Adapter> => (await connect()).adapter,
    /** The same connections below the adapter: their statements do not pass the plane. */
    driver: async (): Promise<Driver> => (await connect()).driver,
  };
}

function wrapAdapter(adapter: Adapter, plane: EffectPlane): Adapter {
  // The connections of a process end with it.
  plane.onDeath(() => void adapter.dispose().catch(() => undefined));
  const perform = <T>(query: Query, act: () => Promise<T>) =>
    plane.perform({ kind: 'sql', name: statementName(query.sql) }, act);
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw: (query) => perform(query, () => retryTransaction(() => adapter.queryRaw(query))),
    executeRaw: (query) => perform(query, () => retryTransaction(() => adapter.executeRaw(query))),
    executeScript: (script) => plane.perform({ kind: 'sql', name: 'script' }, () => adapter.executeScript(script)),
    startTransaction: async (isolation) => {
      let begun: AdapterTransaction | undefined;
      try {
        return await plane.perform({ kind: 'sql', name: 'BEGIN', insideTransaction: true }, async () => {
          begun = wrapTransaction(await adapter.startTransaction(isolation), plane);
          return begun;
        });
      } catch (error) {
        // Who did not hear that it was opened cannot end it.
        await begun?.rollback();
        throw error;
      }
    },
    ...(adapter.getConnectionInfo === undefined ? {} : { getConnectionInfo: () => adapter.getConnectionInfo() }),
    dispose: () => adapter.dispose(),
  } as Adapter;
}

function wrapTransaction(transaction: AdapterTransaction, plane: EffectPlane): AdapterTransaction {
  let ended = false;
  // A server rolls back what a vanished client left open.
  const forget = plane.onDeath(() => {
    if (!ended) void transaction.rollback().catch(() => undefined);
    ended = true;
  });
  const end = async (act: () => Promise<void>): Promise<void> => {
    if (ended) return;
    ended = true;
    forget();
    await act();
  };
  const inside = <T>(query: Query, act: () => Promise<T>) =>
    plane.perform({ kind: 'sql', name: statementName(query.sql), insideTransaction: true }, act);
  return {
    provider: transaction.provider,
    adapterName: transaction.adapterName,
    options: transaction.options,
    queryRaw: (query: Query) => inside(query, () => transaction.queryRaw(query)),
    executeRaw: (query: Query) => inside(query, () => transaction.executeRaw(query)),
    commit: () => plane.perform({ kind: 'sql', name: 'COMMIT' }, () => end(() => transaction.commit())),
    rollback: () => end(() => transaction.rollback()),
  } as AdapterTransaction;
}
