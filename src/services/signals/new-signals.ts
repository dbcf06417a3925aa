import type { SignalIntent } from '@/domain/signal';
import { currentTime } from '@/platform/clock';
import { type Database, Prisma, type SystemClient, type Transaction } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { Together } from '@/platform/together';

/** A signal as it is taken in. Times are epoch ms. */
export type NewSignal = {
  readonly id: string;
  readonly tenantId: string;
  readonly sourceId: string;
  readonly instrumentId: string;
  readonly idempotencyKey: string;
  readonly format: string;
  readonly intent: SignalIntent;
  readonly rawBody: string;
  readonly expiresAt: number;
  readonly receivedAt: number;
  /** Whether the source's row is to say that it was heard. */
  readonly heard: boolean;
};

/** Most signals in one transaction. */
const AT_ONCE = 100;

/** Whether a signal was written, or one with its key is there already. */
export type Insertion = 'written' | 'repeat';

/**
 * Writes new signals. Those that come at the same time share a transaction: fifty senders cost the database little more than one.
 * It takes only lanes that nobody holds; a signal whose lane is new or held has a transaction of its own, for which nobody else waits.
 */
export class NewSignals {
  readonly #together: Together<NewSignal, Insertion>;

  constructor(database: Pick<Database, 'system'>) {
    this.#together = new Together((signals) => insertTogether(database.system, signals), AT_ONCE);
  }

  /** Resolves when the signal's row is committed, or another one's with its key. */
  insert(signal: NewSignal): Promise<Insertion> {
    return this.#together.add(signal);
  }
}

async function insertTogether(
  db: SystemClient,
  signals: readonly NewSignal[],
): Promise<readonly (Insertion | Promise<Insertion>)[]> {
  const outcomes = await retryTransaction(() => db.$transaction((tx) => insertInFreeLanes(tx, signals))).catch(
    () => null,
  );
  // In the order of their coming: each asks for its lane before the next one does.
  return signals.map(({ id }, index) => outcomes?.get(id) ?? insertAlone(db, signals[index] as NewSignal));
}

/** The lanes' rows are locked while signals get their sequence numbers: numbers are then given in the order of commits. */
async function insertInFreeLanes(
  tx: Transaction,
  signals: readonly NewSignal[],
): Promise<ReadonlyMap<string, Insertion>> {
  const lanes = new Set(signals.map(laneOf));
  const keys = [...new Map(signals.map((signal) => [laneOf(signal), signal])).values()].map(
    ({ sourceId, instrumentId }) => Prisma.sql`(${sourceId}, ${instrumentId})`,
  );
  const free = await tx.$queryRaw<{ sourceId: string; instrumentId: string }[]>(
    Prisma.sql`SELECT sourceId, instrumentId FROM SignalLane WHERE (sourceId, instrumentId) IN (${Prisma.join(keys)})
      FOR UPDATE SKIP LOCKED`,
  );
  for (const lane of [...lanes]) if (!free.some((row) => laneOf(row) === lane)) lanes.delete(lane);
  return insertRows(
    tx,
    signals.filter((signal) => lanes.has(laneOf(signal))),
  );
}

function laneOf({ sourceId, instrumentId }: Pick<NewSignal, 'sourceId' | 'instrumentId'>): string {
  return `${sourceId}|${instrumentId}`;
}

async function insertAlone(db: SystemClient, signal: NewSignal): Promise<Insertion> {
  const { id, tenantId, sourceId, instrumentId } = signal;
  return retryTransaction(() =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw(
        Prisma.sql`INSERT INTO SignalLane (tenantId, sourceId, instrumentId, leaderSize, updatedAt)
          VALUES (${tenantId}, ${sourceId}, ${instrumentId}, 0, ${new Date(currentTime())})
          ON DUPLICATE KEY UPDATE updatedAt = VALUES(updatedAt)`,
      );
      return (await insertRows(tx, [signal])).get(id) ?? 'repeat';
    }),
  );
}

async function insertRows(tx: Transaction, signals: readonly NewSignal[]): Promise<ReadonlyMap<string, Insertion>> {
  if (signals.length === 0) return new Map();
  // A repeat leaves the first one as it is, and hinders nobody.
  await tx.$executeRaw(
    Prisma.sql`INSERT INTO \`Signal\`
      (id, tenantId, sourceId, instrumentId, idempotencyKey, format, intent, rawBody, sentAt, expiresAt, receivedAt)
      VALUES ${Prisma.join(signals.map(values))} ON DUPLICATE KEY UPDATE \`Signal\`.id = \`Signal\`.id`,
  );
  const ids = signals.map(({ id }) => id);
  const rows = await tx.$queryRaw<{ id: string }[]>(
    Prisma.sql`SELECT id FROM \`Signal\` WHERE id IN (${Prisma.join(ids)})`,
  );
  const written = new Set(rows.map(({ id }) => id));
  const sources = [...new Set(signals.filter(({ heard }) => heard).map(({ sourceId }) => sourceId))].sort();
  if (sources.length > 0) {
    const heardAt = new Date(Math.max(...signals.map(({ receivedAt }) => receivedAt)));
    await tx.$executeRaw(
      Prisma.sql`UPDATE SignalSource SET lastSignalAt = ${heardAt}, updatedAt = ${heardAt} WHERE id IN (${Prisma.join(sources)})`,
    );
  }
  return new Map(ids.map((id) => [id, written.has(id) ? 'written' : 'repeat']));
}

function values(signal: NewSignal): Prisma.Sql {
  const { id, tenantId, sourceId, instrumentId, idempotencyKey, format, intent, rawBody } = signal;
  return Prisma.sql`(${id}, ${tenantId}, ${sourceId}, ${instrumentId}, ${idempotencyKey}, ${format}, ${JSON.stringify(intent)},
    ${rawBody}, ${new Date(intent.sentAt)}, ${new Date(signal.expiresAt)}, ${new Date(signal.receivedAt)})`;
}
