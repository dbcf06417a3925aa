import { currentTime } from '@/platform/clock';
import { Prisma } from '@/platform/database/database';
import { inParts } from '@/platform/parts';
import { type Placeable, pause } from '../execution/order-executor';
import { cancelEntries } from '../execution/resting-entries';
import { unfoldPlan } from '../execution/written-plan';
import { mayCancel } from './closing-signal';
import type { FollowerCursor } from './follower-order';
import { cursorOf, readFollowers } from './followers';
import { isBeingPlanned, type Lane, readFront } from './lane-front';
import { type Plan, planSignal } from './plan';
import { type PlanningDeps, writePart } from './planning';
import { addPrices, readFacts, type Situation, situationOf } from './situation';
import type { BegunPlan } from './stored-move';
import { ClaimLostError, LaneMovedError } from './write-ahead';

/** Whoever is planning the leader's signal is given so long before he loses it, ms. */
const POLITE_FOR = 5_000;
const LOOK_EVERY = 100;
/** Resting entries are given this long to be taken back, ms. */
const CANCEL_WITHIN = 3_000;
/** A lane that moves so often meanwhile is left to the next attempt. */
const MOVES = 20;

/**
 * Plans a signal of our own, which waits for no turn in its lane: a lane that does not move must not keep a position open. What the lane
 * has decided so far is counted, so that nothing is closed twice; where it decides something meanwhile, the rest is planned anew.
 *
 * @param begun it was planned for some followers before
 */
export async function* planExits(
  planning: PlanningDeps,
  begun: BegunPlan | null,
): AsyncGenerator<readonly Placeable[]> {
  const { deps, signal, place } = planning;
  const lane = { ...place, instrumentId: place.instrument.id };
  const situation = await situationOfExits(planning, begun);
  await takeBackEntries(planning, situation);
  await waitPolitely(planning, lane);
  let after: FollowerCursor | null = begun?.next ?? null;
  let index = begun === null ? 0 : 1;
  for (let moves = 0; moves < MOVES; moves += 1) {
    // What was decided before this look is a row when the followers are read; what is decided after it is noticed.
    const front = await readFront(deps.database.statements, lane);
    await unfoldLane(planning, lane);
    try {
      for (const part of await decideParts(planning, situation, after)) {
        yield await writePart(planning, situation.input.book, part.outcome, index, part.next, front);
        index += 1;
        after = part.next;
      }
      return;
    } catch (error) {
      if (!(error instanceof LaneMovedError)) throw error;
    }
  }
  throw new ClaimLostError(`The lane of signal ${signal.id} moved all the time`);
}

async function situationOfExits({ deps, place, signal }: PlanningDeps, begun: BegunPlan | null): Promise<Situation> {
  const facts = await readFacts(deps.database, place);
  const leaderBook = begun?.before ?? facts.leaderBook;
  return situationOf(deps, place, signal, { ...facts, leaderBook }, new Set());
}

/** What they filled is closed with the rest. */
async function takeBackEntries({ deps, claim, stop }: PlanningDeps, { resting, closing }: Situation): Promise<void> {
  const entries = resting.filter((entry) => mayCancel(deps, claim.tenantId, entry, closing));
  if (entries.length > 0) await cancelEntries(deps, claim.tenantId, entries, CANCEL_WITHIN, stop);
}

async function waitPolitely({ deps, stop }: PlanningDeps, lane: Lane): Promise<void> {
  const until = performance.now() + POLITE_FOR;
  while (performance.now() < until && !stop.aborted && (await isBeingPlanned(deps.database.statements, lane))) {
    await pause(LOOK_EVERY, stop);
  }
}

/** Makes what the lane's signals have decided rows, as far as it is none: it may be on its way. */
async function unfoldLane({ deps }: PlanningDeps, { tenantId, sourceId, instrumentId }: Lane): Promise<void> {
  const { statements } = deps.database;
  const folded = await statements.$queryRaw<{ signalId: string }[]>(
    Prisma.sql`SELECT DISTINCT w.signalId FROM WrittenPlan w JOIN \`Signal\` g ON g.id = w.signalId
      WHERE w.tenantId = ${tenantId} AND g.sourceId = ${sourceId} AND g.instrumentId = ${instrumentId}`,
  );
  for (const { signalId } of folded) await unfoldPlan(statements, tenantId, signalId);
}

type Part = { readonly outcome: Plan; readonly next: FollowerCursor | null };

/** That nobody is concerned any more is a part, too: it ends the signal. */
async function decideParts(
  { deps, signal, place }: PlanningDeps,
  situation: Situation,
  after: FollowerCursor | null,
): Promise<readonly Part[]> {
  const followers = await readFollowers(deps.database.statements, {
    tenantId: place.tenantId,
    strategyIds: place.strategies.map(({ id }) => id),
    ended: true,
    closedBy: signal.id,
    range: { after, upTo: null },
    instrument: place.instrument,
    now: currentTime(),
  });
  await addPrices(deps, situation, followers);
  const parts = followers.length === 0 ? [[]] : inParts(followers, deps.slices.part);
  return parts.map((own, index) => {
    const outcome = planSignal({ ...situation.input, now: currentTime(), followers: own });
    // The leader does not move, so that nothing can fail.
    if (!outcome.ok) throw new Error(`An exit cannot be planned: ${outcome.code}`);
    const last = own.at(-1);
    return { outcome, next: index === parts.length - 1 || last === undefined ? null : cursorOf(last) };
  });
}
