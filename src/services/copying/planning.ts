import type { AccountMode } from '@/domain/account-mode';
import { entryDenial } from '@/domain/listing';
import type { LeaderBook } from '@/domain/signal';
import { VENUE_UNREACHABLE } from '@/exchanges/port';
import { currentTime } from '@/platform/clock';
import { inParts } from '@/platform/parts';
import { type Placeable, pause } from '../execution/order-executor';
import { cancelEntries } from '../execution/resting-entries';
import type { TradeRecord } from '../execution/trade-record';
import { type Claim, type HeldClaim, partOf, wakeNext } from './claim';
import { mayCancel } from './closing-signal';
import { NOTHING_COMMITTED } from './committed-margin';
import type { CopyDeps } from './copy-deps';
import { rejectSignal } from './finish';
import type { Follower } from './follower';
import type { FollowerCursor } from './follower-order';
import { type FollowerSlice, FollowerSlices, heardLater } from './follower-slices';
import { accountsOf, cursorOf } from './followers';
import type { LaneFront } from './lane-front';
import { type LeftLane, leftBy } from './left-lane';
import { toPlaceables } from './placeables';
import { type DecidedMove, mayOpen, type Plan, type PlanInput, planSignal } from './plan';
import { sendByOf } from './send-by';
import type { SignalRow } from './signal-row';
import { addPrices, type Facts, type Place, readFacts, type Situation, situationOf } from './situation';
import type { BegunPlan } from './stored-move';
import { tell, tellDenied } from './tell';
import { askUnknownEquities } from './unknown-equity';
import { ClaimLostError, writeAhead, writeExitsAhead } from './write-ahead';

/** An unknown price is asked for again after this long, ms. */
const PRICE_PAUSE = 500;

/** What is to be dispatched: each part of the followers is written ahead before it is given out. */
export type Planned = {
  /** Followers who open first close what they hold on the other side. */
  readonly turns: boolean;
  readonly parts: AsyncIterable<readonly Placeable[]>;
};

/** What planning is done with. */
export type PlanningDeps = {
  readonly deps: CopyDeps;
  readonly claim: Claim;
  readonly held: HeldClaim;
  readonly signal: SignalRow;
  readonly place: Place;
  readonly stop: AbortSignal;
};

/** Slices of followers that are read at a time. A larger one takes longest to be read, and is waited for by nobody yet. */
const READ_AT_A_TIME = 2;

/** What is read for a signal before itself: facts and its followers, of whom the first are read at once. */
export type ReadAhead = {
  readonly facts: Promise<Facts>;
  readonly slices: FollowerSlices;
  readonly first: Promise<FollowerSlice>;
};

/** Begins to read what a claimed signal is planned with. */
export function readForPlanning(deps: CopyDeps, place: Place, slices: FollowerSlices): ReadAhead {
  const facts = readFacts(deps.database, place);
  // Until the first are decided and written, the processor has little else to do.
  slices.readAhead(READ_AT_A_TIME);
  return { facts: heardLater(facts), slices, first: heardLater(slices.next()) };
}

/**
 * Plans a signal; while it is fresh and the venue tells no price, entries wait for one rather than being denied to everybody
 * for an outage of seconds. `not now`: this worker must leave it to another one. Null: nothing is to be dispatched and the signal
 * is ended.
 */
export async function planWithPrices(
  planning: PlanningDeps,
  read: ReadAhead | null,
): Promise<Planned | 'not now' | null> {
  const { deps, signal, place, held, stop } = planning;
  const unreachable = new Set<AccountMode>();
  let given = read;
  for (;;) {
    const patient = currentTime() < signal.expiresAt.getTime();
    given ??= readForPlanning(deps, place, new FollowerSlices(deps, place));
    const planned = await plan(planning, given, patient, unreachable);
    if (planned !== 'no price') return planned;
    deps.logger.warn({ signal: signal.id }, 'an entry waits for a price');
    await pause(PRICE_PAUSE, stop);
    if (stop.aborted || !held.held()) return 'not now';
    given = null;
  }
}

/** After its time a half-planned signal is tried again for this long, then its lane goes on without the others, ms. */
const GIVE_UP_AFTER = 10 * 60_000;

/** Plans those whom a worker that is gone had not come to yet: the leader does what was decided then. */
export async function* planRest(planning: PlanningDeps, begun: BegunPlan): AsyncGenerator<readonly Placeable[]> {
  const { deps, signal, place } = planning;
  const { move, before, next } = begun;
  try {
    const situation = await situationOfRest(planning, begun);
    // Whoever comes next stands in the second slice at the earliest.
    yield* planSlices(planning, situation, move, new FollowerSlices(deps, place, next, 1));
  } catch (error) {
    if (error instanceof ClaimLostError || currentTime() < signal.expiresAt.getTime() + GIVE_UP_AFTER) throw error;
    const reason = (error as Error).message;
    deps.logger.error({ signal: signal.id, reason }, 'the rest of a signal could not be planned; its lane goes on');
    yield await writePart(
      planning,
      before,
      { ok: true, ...move, trades: [], protections: [], undecided: [], committed: NOTHING_COMMITTED },
      1,
      null,
    );
  }
}

/** Entries wait for a price while the signal is fresh, as at its beginning. */
async function situationOfRest(planning: PlanningDeps, { move, before }: BegunPlan): Promise<Situation> {
  const { deps, signal, place, stop } = planning;
  const entering = mayOpen(move);
  for (;;) {
    const facts = await readFacts(deps.database, place);
    const situation = await situationOf(deps, place, signal, { ...facts, leaderBook: before }, new Set());
    const priced = situation.modes.every((mode) => situation.input.prices.has(mode));
    const closed = entryDenial(place.instrument, currentTime()) !== null;
    if (!entering || priced || closed || currentTime() >= signal.expiresAt.getTime() || isOver(planning))
      return situation;
    await pause(PRICE_PAUSE, stop);
  }
}

/** Resting entries are given this long to be taken back before the closes are planned without knowing their end, ms. */
const CANCEL_WITHIN = 3000;

/**
 * @param patient an entry whose price is not known is not decided (`no price`) instead of denied
 * @param unreachable modes whose venue was found gone so far; those found now are added
 */
async function plan(
  planning: PlanningDeps,
  read: ReadAhead,
  patient: boolean,
  unreachable: Set<AccountMode>,
): Promise<Planned | 'no price' | 'not now' | null> {
  const { deps, claim, signal, place, stop } = planning;
  const situation = await situationOf(deps, place, signal, await read.facts, unreachable);
  let { slices } = read;
  let slice = await read.first;
  const { input, modes, resting, closing } = situation;
  await addPrices(deps, situation, slice.followers);
  let outcome = planSignal({ ...input, followers: slice.followers });
  const priced = modes.every((mode) => input.prices.has(mode));
  const entering = outcome.ok ? mayOpen(outcome) : outcome.code === 'PRICE_UNKNOWN';
  // What takes no entries is not waited for: they are denied.
  const closed = entryDenial(place.instrument, currentTime());
  if (patient && entering && !priced && closed === null) return 'no price';
  const leaving = outcome.ok && outcome.legs.some((leg) => leg.kind === 'close');
  const entries = leaving ? resting.filter((entry) => mayCancel(deps, claim.tenantId, entry, closing)) : [];
  if (entries.length > 0) {
    const still = (entry: TradeRecord): boolean => mayCancel(deps, claim.tenantId, entry, closing);
    await cancelEntries({ ...deps, mayCancel: still }, claim.tenantId, entries, CANCEL_WITHIN, stop);
    // What was read of them before says nothing of what their entries filled.
    slices = new FollowerSlices(deps, place);
    slice = await slices.next();
    outcome = planSignal({ ...input, followers: slice.followers });
  }
  if (!outcome.ok) {
    const code = outcome.code === 'PRICE_UNKNOWN' ? (closed ?? unpriced(unreachable)) : outcome.code;
    deps.logger.warn({ signal: signal.id, code }, 'the signal cannot be copied');
    return endWithout(deps, claim, signal, code);
  }
  slices.readAhead(READ_AT_A_TIME);
  const { legs, bookAfter, leaderPrice, leaderLeverage, refusal, movesLevels, times } = outcome;
  const move = { legs, bookAfter, leaderPrice, leaderLeverage, refusal, movesLevels, times };
  const decided = await withAskedEquities(
    planning,
    situation,
    { ...input, followers: slice.followers, decided: move },
    outcome,
  );
  const written = await writePart(planning, input.book, decided, 0, slice.next);
  void tell(deps, signal, 'dispatching', null);
  const rest = slice.next === null ? null : slices;
  return { turns: legs.length > 1 && refusal === null, parts: afterFirst(planning, situation, move, written, rest) };
}

function unpriced(unreachable: ReadonlySet<AccountMode>): string {
  return unreachable.size > 0 ? VENUE_UNREACHABLE : 'PRICE_UNKNOWN';
}

async function* afterFirst(
  planning: PlanningDeps,
  situation: Situation,
  move: DecidedMove,
  written: readonly Placeable[],
  rest: FollowerSlices | null,
): AsyncGenerator<readonly Placeable[]> {
  yield written;
  if (rest === null || isOver(planning)) return;
  yield* planSlices(planning, situation, move, rest);
}

/** Followers who are decided and still to be written; after whom the next ones begin, null: there are none. */
type DecidedPart = { readonly outcome: Plan; readonly next: FollowerCursor | null };

/** While some followers are written and those before them are sent, the next are decided and the slice after theirs is read. */
async function* planSlices(
  planning: PlanningDeps,
  situation: Situation,
  move: DecidedMove,
  slices: FollowerSlices,
): AsyncGenerator<readonly Placeable[]> {
  const parts = decideParts(planning, situation, move, slices);
  let deciding = parts.next();
  // The first slice of all is part 0, and whole.
  for (let index = 1; ; index += 1) {
    const { done, value: part } = await deciding;
    // What is written would not be sent any more.
    if (done || isOver(planning)) return;
    deciding = heardLater(parts.next());
    yield await writePart(planning, situation.input.book, part.outcome, index, part.next);
  }
}

/** Decides slice by slice, each in equal parts. */
async function* decideParts(
  planning: PlanningDeps,
  situation: Situation,
  move: DecidedMove,
  slices: FollowerSlices,
): AsyncGenerator<DecidedPart> {
  const { deps, claim } = planning;
  for (let ended = false; !ended; ) {
    slices.readAhead(READ_AT_A_TIME);
    const slice = await slices.next();
    await addPrices(planning.deps, situation, slice.followers);
    // That nobody of a slice is concerned is written, too: it may be the last one.
    const parts = slice.followers.length === 0 ? [[]] : inParts(slice.followers, planning.deps.slices.part);
    let { committed } = situation.input;
    for (const [index, followers] of parts.entries()) {
      // Deciding takes milliseconds: what may leave leaves meanwhile, and the database and the venue are heard.
      await deps.precedence.giveWay(claim.tenantId, claim.signalId);
      await deps.turns.next(claim.tenantId);
      const input = { ...situation.input, now: currentTime(), followers, committed, decided: move };
      const outcome = await withAskedEquities(planning, situation, input, planDecided(input));
      ({ committed } = outcome);
      yield { outcome, next: index === parts.length - 1 ? slice.next : cursorOf(lastOf(followers)) };
    }
    ended = slice.next === null;
  }
}

function planDecided(input: PlanInput): Plan {
  const outcome = planSignal(input);
  // The move was decided, and nothing else can fail.
  if (!outcome.ok) throw new Error(`A decided move cannot be planned: ${outcome.code}`);
  return outcome;
}

/** The plan, made again where it denies entries only because nobody knew what their accounts are worth, and somebody does now. */
async function withAskedEquities(
  planning: PlanningDeps,
  situation: Situation,
  input: PlanInput,
  plan: Plan,
): Promise<Plan> {
  const followers = await askUnknownEquities(planning, situation, input.followers, plan);
  return followers === null ? plan : planDecided({ ...input, followers, now: currentTime() });
}

function lastOf(followers: readonly Follower[]): Follower {
  const last = followers.at(-1);
  if (last === undefined) throw new Error('A part that others follow is empty');
  return last;
}

/** A worker that is stopping, or has lost its claim, leaves the rest to the one that takes over. */
function isOver({ stop, held }: PlanningDeps): boolean {
  return stop.aborted || !held.held();
}

/** @param front how far the lane had come when the followers of a signal of our own were read; absent: it is the lane's signal */
export async function writePart(
  { deps, claim, signal, place }: PlanningDeps,
  before: LeaderBook,
  outcome: Plan,
  index: number,
  next: FollowerCursor | null,
  front?: LaneFront,
): Promise<readonly Placeable[]> {
  for (const { follower, reason } of outcome.undecided) {
    const { subscriptionId } = follower.snapshot;
    deps.logger.error({ signal: signal.id, subscription: subscriptionId, reason }, 'a follower was not decided about');
  }
  const db = deps.database.forTenant(claim.tenantId);
  const orders = outcome.trades.filter((trade) => trade.decision.outcome === 'order');
  const wanted = accountsOf(orders.map(({ follower }) => follower));
  const now = currentTime();
  const part = { sourceId: signal.sourceId, instrumentId: signal.instrumentId, before, index, next };
  const sendBy = sendByOf(deps, place.instrument.venue);
  // Keys are opened while the rows are written: both take milliseconds, and the first order waits for both.
  const [written, accounts] = await Promise.all([
    front === undefined
      ? writeAhead(deps.database.statements, claim, part, outcome, now, sendBy)
      : writeExitsAhead(deps.database.statements, claim, part, outcome, front, now, sendBy),
    deps.keys.open(db, claim.tenantId, wanted),
  ]);
  const origin = {
    signalId: claim.signalId,
    instrumentId: signal.instrumentId,
    // What is a row already belongs to no part.
    ...(front === undefined ? { part: partOf(claim, index) } : {}),
  };
  const { items, unreadable } = toPlaceables(origin, written, accounts);
  for (const { id } of unreadable) {
    deps.book.report(claim.tenantId, { kind: 'expired', tradeId: id, code: 'CREDENTIALS_UNREADABLE', at: now });
  }
  // A courtesy: the rows are the truth.
  tellDenied(deps, claim, signal, written).catch((error: unknown) =>
    deps.logger.warn({ signal: signal.id, reason: (error as Error).message }, 'denials were not pushed'),
  );
  return items;
}

/** Ends a signal that is copied to nobody and lets its lane go on. */
async function endWithout(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  code: string,
  left: LeftLane | null = null,
): Promise<'not now' | null> {
  const db = deps.database.forTenant(claim.tenantId);
  // It is another worker's, or planned for some followers: whoever claims it next goes on.
  if (!(await rejectSignal(db, claim, code, left))) return 'not now';
  await tell(deps, signal, 'rejected', null);
  await wakeNext(deps, signal);
  return null;
}

/**
 * A signal whose planning fails again and again must not hold its lane for ever: once it is too old to be copied it is
 * rejected. Until then the error goes on, and the sweep tries again.
 */
export async function endUnplannable(
  deps: CopyDeps,
  claim: Claim,
  signal: SignalRow,
  error: unknown,
): Promise<'not now' | null> {
  if (error instanceof ClaimLostError || currentTime() < signal.expiresAt.getTime()) throw error;
  deps.logger.error({ signal: signal.id, reason: (error as Error).message }, 'the signal could not be planned in time');
  return endWithout(deps, claim, signal, 'PLANNING_FAILED', leftBy(signal));
}
