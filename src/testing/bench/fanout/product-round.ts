import { Prisma } from '@/platform/database/database';
import { type BenchWorld, until } from '../bench-world';
import type { Child } from '../child';
import type { Tenant } from '../followers';
import { instant, instantOf } from '../instant';
import type { Usage } from '../probe';
import type { Sender } from '../signals';
import type { Round } from '../venue/venue-process';

/** One signal on the product's own road. Times from the 202, ms. */
export type ProductRound = {
  /** From the sender's first byte to the 202. */
  readonly acceptMs: number;
  /** Until the venue had read the first order. */
  readonly firstOrderMs: number;
  /** Until the worker had read the last answer. */
  readonly ackMs: number;
  /** Until every answer was committed, beside the plan or in its row. */
  readonly persistedMs: number;
  /** Until every order was a row of Trade, with its answer. */
  readonly rowsMs: number;
  /** Until all fills and positions were committed and the signal was finished. */
  readonly doneMs: number;
  /** The worker's time from before the signal until every answer was committed, and until the signal was finished. */
  readonly cpuMs: number;
  readonly doneCpuMs: number;
  readonly stages: Stages;
};

/** Where the time went, ms: by the moments that the rows keep. */
export type Stages = {
  /** From receipt by the web process: its own rows, the queue, the claim, reading the followers, deciding. */
  readonly planned: number;
  /** Writing ahead, opening the keys. */
  readonly firstSent: number;
  /** Signing, sending, reading the answers. */
  readonly lastAck: number;
  /** Committing the answers. */
  readonly persisted: number;
  /** Making rows of plan and answers. */
  readonly rows: number;
};

const COMPLETE_WITHIN = 120_000;

/** Sends one signal and follows it to its end. Throws when not every follower's order reached the venue. */
export async function runProductRound(
  world: BenchWorld,
  worker: Child,
  sender: Sender,
  tenant: Tenant,
): Promise<ProductRound> {
  const orders = tenant.subscriptionIds.length;
  const db = world.database.forTenant(tenant.id);
  await world.venue.ask('begin', { expected: orders });
  const completed = world.venue.ask<Round>('completed', { withinMs: COMPLETE_WITHIN });
  const before = await worker.ask<Usage>('usage', { collect: false });
  const { signalId, postedAt, acceptedAt } = await sender.send(tenant);
  const { answered, firstAt } = await completed;
  if (answered < orders || firstAt === null) throw new Error(`Only ${answered} of ${orders} orders reached the venue`);
  const { statements } = world.database;
  const count = async (sql: Prisma.Sql): Promise<number> => {
    const [row] = await statements.$queryRaw<{ count: unknown }[]>(sql);
    return Number(row?.count);
  };
  const ofSignal = Prisma.sql`tenantId = ${tenant.id} AND signalId = ${signalId}`;
  const unanswered = Prisma.sql`EXISTS (SELECT 1 FROM Trade WHERE ${ofSignal} AND ackedAt IS NULL)`;
  const committed = async (): Promise<boolean> => {
    const silent = Prisma.sql`SELECT EXISTS (SELECT 1 FROM WrittenPlan WHERE ${ofSignal} AND answers IS NULL) + ${unanswered} AS count`;
    if ((await count(silent)) > 0) return false;
    const answers = Prisma.sql`SELECT (SELECT COALESCE(SUM(JSON_LENGTH(answers)), 0) FROM WrittenPlan WHERE ${ofSignal})
      + (SELECT COUNT(*) FROM Trade WHERE ${ofSignal}) AS count`;
    return (await count(answers)) === orders;
  };
  const areRows = async (): Promise<boolean> =>
    (await count(Prisma.sql`SELECT EXISTS (SELECT 1 FROM WrittenPlan WHERE ${ofSignal}) + ${unanswered} AS count`)) ===
    0;
  await until('all answers to be committed', COMPLETE_WITHIN, committed, 2);
  const persistedAt = instant();
  const after = await worker.ask<Usage>('usage', { collect: false });
  await until('all rows to be made', COMPLETE_WITHIN, areRows, 2);
  const rowsAt = instant();
  const finished = async (): Promise<boolean> =>
    (await db.signal.count({ where: { id: signalId, status: 'done' } })) > 0;
  await until('the signal to be finished', COMPLETE_WITHIN, finished, 20);
  const done = await worker.ask<Usage>('usage', { collect: false });
  const signal = await db.signal.findUniqueOrThrow({ where: { id: signalId } });
  const moment = (at: Date | null): number => {
    if (at === null) throw new Error('A finished signal lacks one of its moments');
    return instantOf(at.getTime());
  };
  const filled = await db.trade.count({ where: { signalId, status: 'filled' } });
  if (filled < orders) throw new Error(`Only ${filled} of ${orders} orders were filled`);
  const [planned, firstSent, lastAck] = [
    moment(signal.plannedAt),
    moment(signal.firstSentAt),
    moment(signal.lastAckAt),
  ];
  return {
    acceptMs: acceptedAt - postedAt,
    firstOrderMs: firstAt - acceptedAt,
    ackMs: lastAck - acceptedAt,
    persistedMs: persistedAt - acceptedAt,
    rowsMs: rowsAt - acceptedAt,
    doneMs: moment(signal.doneAt) - acceptedAt,
    cpuMs: after.cpuMs - before.cpuMs,
    doneCpuMs: done.cpuMs - before.cpuMs,
    stages: {
      planned: planned - moment(signal.receivedAt),
      firstSent: firstSent - planned,
      lastAck: lastAck - firstSent,
      persisted: persistedAt - lastAck,
      rows: rowsAt - persistedAt,
    },
  };
}
