import { newId, newToken, sha256 } from '@/platform/ids';
import { tokenPlace } from '@/services/sources/sealed-fields';
import { type BenchWorld, until } from './bench-world';
import { type Figure, figure, percentile } from './figures';
import { dismissTenant, makeTenant, type Tenant } from './followers';
import { instantOf } from './instant';
import { Sender } from './signals';

const FOLLOWERS = 100;
/** The loud tenant's burst: so many lanes of so many signals. */
const LANES = 15;
const LANE_SIGNALS = 10;
/** Signals of the quiet tenant in a round, one after the other. */
const QUIET_SIGNALS = 12;
const DONE_WITHIN = 300_000;

/** Where a signal's time goes, ms. */
const PHASES = ['webhook', 'planned', 'firstSent', 'lastAnswer'] as const;
type Phases<T> = Readonly<Record<(typeof PHASES)[number], T>>;

export type FairnessFigures = {
  /** From the sender's 202 to the venue's last answer, of the quiet tenant's signals, 95th percentile, ms. */
  readonly aloneP95Ms: Figure;
  readonly underBurstP95Ms: Figure;
  readonly ratio: Figure;
  /** Medians of a round: until the 202, from there until the first are decided, have left, and the last is answered. */
  readonly aloneMs: Phases<Figure>;
  readonly underBurstMs: Phases<Figure>;
  /** Of the loud tenant's signals, those that were unfinished when the quiet tenant's last one was done. */
  readonly stillWaiting: Figure;
};

/** What a burst of one tenant costs another one, with one worker for both. */
export async function runFairness(
  world: BenchWorld,
  rounds: number,
  log: (line: string) => void,
): Promise<FairnessFigures> {
  await world.venue.ask('settings', { delayMs: 0, fillAfterMs: 0 });
  await world.keepStreamsAway();
  const web = await world.startWebhook();
  const worker = await world.startWorker({ placementConnections: 64 });
  const sender = new Sender(world, 8);
  const quiet = await makeTenant(world, FOLLOWERS);
  const loud = await makeTenant(world, FOLLOWERS);
  const sources = [loud, ...(await addSources(world, loud, LANES - 1))];
  try {
    const measured: { alone: Quiet; burst: Quiet; waiting: number }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const alone = await measureQuiet(world, sender, quiet);
      await Promise.all(sources.map((source) => sendMany(sender, source)));
      const burst = await measureQuiet(world, sender, quiet);
      const waiting = await unfinished(world, loud);
      // Else it was measured without a burst.
      if (waiting === 0) throw new Error('The burst was over before the other tenant was');
      await until('the burst to be worked off', DONE_WITHIN, async () => (await unfinished(world, loud)) === 0);
      await forgetOrders(world, loud);
      log(`fairness: alone ${described(alone)}; under a burst ${described(burst)}; ${waiting} waiting`);
      // The first one finds cold code and cold connections.
      if (round > 0) measured.push({ alone, burst, waiting });
    }
    return {
      aloneP95Ms: figure(measured.map(({ alone }) => alone.p95)),
      underBurstP95Ms: figure(measured.map(({ burst }) => burst.p95)),
      ratio: figure(measured.map(({ alone, burst }) => burst.p95 / alone.p95)),
      aloneMs: eachPhase((phase) => figure(measured.map(({ alone }) => alone.phases[phase]))),
      underBurstMs: eachPhase((phase) => figure(measured.map(({ burst }) => burst.phases[phase]))),
      stillWaiting: figure(measured.map(({ waiting }) => waiting)),
    };
  } finally {
    await sender.close();
    await world.stop(worker);
    await world.stop(web);
    await world.letStreamsBack();
    for (const tenant of [quiet, loud]) await dismissTenant(world, tenant);
  }
}

type Quiet = { readonly p95: number; readonly phases: Phases<number> };

function eachPhase<T>(value: (phase: (typeof PHASES)[number]) => T): Phases<T> {
  return Object.fromEntries(PHASES.map((phase) => [phase, value(phase)])) as Phases<T>;
}

function described({ p95, phases }: Quiet): string {
  return `${p95.toFixed(0)} ms (${PHASES.map((phase) => `${phase} ${phases[phase].toFixed(0)}`).join(', ')})`;
}

async function measureQuiet(world: BenchWorld, sender: Sender, tenant: Tenant): Promise<Quiet> {
  const db = world.database.forTenant(tenant.id);
  const times: number[] = [];
  const phases: Phases<number[]> = eachPhase(() => []);
  for (let signal = 0; signal < QUIET_SIGNALS; signal += 1) {
    const { signalId, postedAt, acceptedAt } = await sender.send(tenant, { orderType: 'limit' });
    const done = async (): Promise<boolean> => (await db.signal.count({ where: { id: signalId, status: 'done' } })) > 0;
    await until('a signal to be finished', DONE_WITHIN, done, 20);
    const row = await db.signal.findUniqueOrThrow({ where: { id: signalId } });
    const [planned, firstSent, last] = [row.plannedAt, row.firstSentAt, row.lastAckAt].map((at) =>
      instantOf(Number(at)),
    );
    if (planned === undefined || firstSent === undefined || last === undefined) throw new Error('A time is missing');
    times.push(last - acceptedAt);
    phases.webhook.push(acceptedAt - postedAt);
    phases.planned.push(planned - acceptedAt);
    phases.firstSent.push(firstSent - planned);
    phases.lastAnswer.push(last - firstSent);
  }
  await forgetOrders(world, tenant);
  return { p95: percentile(sorted(times), 0.95), phases: eachPhase((phase) => percentile(sorted(phases[phase]), 0.5)) };
}

function sorted(times: readonly number[]): readonly number[] {
  return [...times].sort((a, b) => a - b);
}

async function sendMany(sender: Sender, source: Tenant): Promise<void> {
  for (let signal = 0; signal < LANE_SIGNALS; signal += 1) await sender.send(source, { orderType: 'limit' });
}

function unfinished(world: BenchWorld, { id }: Tenant): Promise<number> {
  return world.database.forTenant(id).signal.count({ where: { status: { notIn: ['done', 'rejected'] } } });
}

/** Else every signal would find more resting orders than the one before, and exposure would grow with them. */
async function forgetOrders(world: BenchWorld, { id }: Tenant): Promise<void> {
  const db = world.database.forTenant(id);
  await db.trade.updateMany({ where: { status: 'live' }, data: { status: 'canceled' } });
}

/** Further sources of a tenant, each with a strategy of its own that the tenant's accounts follow: further lanes. */
async function addSources(world: BenchWorld, tenant: Tenant, count: number): Promise<readonly Tenant[]> {
  const { wrappedKey } = await world.database.system.tenant.findUniqueOrThrow({ where: { id: tenant.id } });
  const db = world.database.forTenant(tenant.id);
  const cipher = world.cipher.forTenant({ id: tenant.id, wrappedKey });
  const added: Tenant[] = [];
  for (let index = 0; index < count; index += 1) {
    const [sourceId, strategyId, token] = [newId(), newId(), newToken()];
    const source = await db.signalSource.findFirstOrThrow({
      where: { id: tenant.sourceId },
      omit: { allowedIps: true },
    });
    await db.signalSource.create({
      data: {
        ...source,
        id: sourceId,
        name: `Leader ${index}`,
        tokenHash: sha256(token),
        tokenSealed: cipher.seal(token, tokenPlace(sourceId)),
      },
    });
    const strategy = await db.strategy.findFirstOrThrow({ where: { id: tenant.strategyId }, omit: { symbols: true } });
    await db.strategy.create({
      data: { ...strategy, id: strategyId, name: `Strategy ${index}`, signalSourceId: sourceId },
    });
    await db.subscription.createMany({
      data: tenant.customerIds.map((customerId, at) => ({
        id: newId(),
        tenantId: tenant.id,
        customerId,
        accountId: tenant.accountIds[at] ?? '',
        strategyId,
        followRatio: '0.1',
      })),
    });
    added.push({ ...tenant, sourceId, strategyId, token });
  }
  return added;
}
