import type { SignalIntent } from '@/domain/signal';
import { type Database, Prisma, type SystemClient } from '@/platform/database/database';
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

/**
 * Writes new signals. Those that come at the same time share a transaction: fifty senders cost the database little more than one.
 * Rejects with a unique violation for a repeat; the others of its transaction are none the wiser.
 */
export class NewSignals {
  readonly #together: Together<NewSignal, null>;

  constructor(database: Pick<Database, 'system'>) {
    this.#together = new Together((signals) => insertEach(database.system, signals), AT_ONCE);
  }

  /** Resolves when the signal's row is committed. */
  async insert(signal: NewSignal): Promise<void> {
    await this.#together.add(signal);
  }
}

async function insertEach(db: SystemClient, signals: readonly NewSignal[]): Promise<readonly (Error | null)[]> {
  try {
    await insert(db, signals);
    return signals.map(() => null);
  } catch (error) {
    if (signals.length === 1) return [error as Error];
    // One of them may be a repeat, and must not be in the way of the others.
    return Promise.all(signals.map(async (signal) => (await insertEach(db, [signal]))[0] ?? null));
  }
}

/** The lanes' rows are locked while signals get their sequence numbers: numbers are then given in the order of commits. */
async function insert(db: SystemClient, signals: readonly NewSignal[]): Promise<void> {
  const now = new Date();
  const keyOf = ({ sourceId, instrumentId }: NewSignal): string => `${sourceId}|${instrumentId}`;
  const byLane = new Map(signals.map((signal) => [keyOf(signal), signal]));
  // In one order everywhere, so that two transactions do not wait for each other.
  const lanes = [...byLane.keys()].sort().map((key) => byLane.get(key) as NewSignal);
  const heard = new Map(signals.filter((signal) => signal.heard).map((signal) => [signal.sourceId, signal]));
  const sources = [...heard.keys()].sort();
  const heardAt = new Date(Math.max(...signals.map(({ receivedAt }) => receivedAt)));
  await retryTransaction(() =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw(
        Prisma.sql`INSERT INTO SignalLane (tenantId, sourceId, instrumentId, leaderSize, updatedAt)
          VALUES ${Prisma.join(lanes.map((lane) => Prisma.sql`(${lane.tenantId}, ${lane.sourceId}, ${lane.instrumentId}, 0, ${now})`))}
          ON DUPLICATE KEY UPDATE updatedAt = VALUES(updatedAt)`,
      );
      await tx.$executeRaw(
        Prisma.sql`INSERT INTO \`Signal\`
          (id, tenantId, sourceId, instrumentId, idempotencyKey, format, intent, rawBody, sentAt, expiresAt, receivedAt)
          VALUES ${Prisma.join(signals.map(values))}`,
      );
      if (sources.length === 0) return;
      await tx.$executeRaw(
        Prisma.sql`UPDATE SignalSource SET lastSignalAt = ${heardAt}, updatedAt = ${now} WHERE id IN (${Prisma.join(sources)})`,
      );
    }),
  );
}

function values(signal: NewSignal): Prisma.Sql {
  const { id, tenantId, sourceId, instrumentId, idempotencyKey, format, intent, rawBody } = signal;
  return Prisma.sql`(${id}, ${tenantId}, ${sourceId}, ${instrumentId}, ${idempotencyKey}, ${format}, ${JSON.stringify(intent)},
    ${rawBody}, ${new Date(intent.sentAt)}, ${new Date(signal.expiresAt)}, ${new Date(signal.receivedAt)})`;
}
