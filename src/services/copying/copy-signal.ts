import { setMaxListeners } from 'node:events';
import { takesEntries } from '@/domain/listing';
import { currentTime } from '@/platform/clock';
import { Precedence } from '@/platform/precedence';
import { BecomingRows } from '../execution/becoming-rows';
import { Dispatcher } from '../execution/dispatcher';
import { OrderExecutor } from '../execution/order-executor';
import { Patience } from '../execution/patience';
import {
  type Claim,
  type Claimable,
  claimSignal,
  findClaimable,
  type HeldClaim,
  keepClaim,
  releaseClaim,
  wakeNext,
} from './claim';
import { isClosing } from './closing-signal';
import { type CopyDeps, readStrategies } from './copy-deps';
import { finishSignal } from './finish';
import { FollowerSlices } from './follower-slices';
import { FailedAttempts, giveUp } from './give-up';
import { latenessOf } from './lateness';
import { planExits } from './plan-exits';
import { endUnplannable, type Planned, planRest, planWithPrices, readForPlanning } from './planning';
import { SendByRows } from './send-by';
import { readSignal, type SignalRow } from './signal-row';
import type { Place } from './situation';
import { aheadOf } from './slices';
import { begunPlan } from './stored-move';
import { recover } from './take-over';
import { tell } from './tell';
import { ClaimLostError } from './write-ahead';

const failedAttempts = new FailedAttempts();

/** Exits give way to nobody. */
const NO_PRECEDENCE = new Precedence();

/**
 * Copies one signal to all followers, or goes on where a worker that is gone stopped: claim, plan, write ahead, dispatch,
 * settle, finish. Does nothing when the signal is not the first of its lane or somebody else has it; whoever finishes
 * the earlier one wakes it. Rejects when the database is away, or the signal failed for another reason: it is then taken up again, a few
 * times, and given up at last.
 */
export async function copySignal(all: CopyDeps, signalId: string, stop: AbortSignal): Promise<void> {
  // A worker that is stopping must not write ahead what it will not send: who takes over could only wait it out.
  if (stop.aborted) return;
  const { system, statements } = all.database;
  const found = await findClaimable(statements, signalId);
  if (found === null) return;
  const deps = found.ours ? { ...all, precedence: NO_PRECEDENCE } : all;
  await deps.precedence.giveWay(found.tenantId, signalId);
  // What an operator sets, and what does not depend on the claim, is read while it is made.
  const beside = readBeside(deps, found);
  beside.catch(() => undefined);
  const asked = performance.now();
  const claim = await claimSignal(statements, found, deps.worker, deps.timings);
  if (claim === null) return;
  const held = keepClaim(system, claim, deps.timings, stop, asked);
  let finished = false;
  try {
    finished = await work(deps, claim, held, { found, ...(await beside) }, stop);
  } catch (error) {
    if (error instanceof ClaimLostError) deps.logger.warn({ signal: signalId }, 'another worker took the signal over');
    else if (!stop.aborted && failedAttempts.note(signalId, error)) {
      await giveUp(deps, claim, found, error);
      finished = true;
    } else throw error;
  } finally {
    held.stop();
    if (!finished) await releaseClaim(deps.database.system, claim).catch(() => undefined);
  }
}

/** `slices` null: the signal was planned before, at least for some of its followers. */
type Beside = { readonly place: Place; readonly slices: FollowerSlices | null };

/** Reads where a signal stands, and begins to look up where the first slices of its followers end. */
async function readBeside(deps: CopyDeps, found: Claimable): Promise<Beside> {
  const [strategies] = await Promise.all([readStrategies(deps, found), deps.instruments.refresh()]);
  const place = { ...found, instrument: await deps.instruments.find(found.instrumentId), strategies };
  if (!takesEntries(place.instrument, currentTime())) deps.askedFor?.(found.instrumentId);
  const isPlannedInSlices = found.status === 'received' && !isClosing(found.format);
  return { place, slices: isPlannedInSlices ? new FollowerSlices(deps, place) : null };
}

async function work(
  deps: CopyDeps,
  claim: Claim,
  held: HeldClaim,
  { found, place, slices }: Beside & { readonly found: Claimable },
  stop: AbortSignal,
): Promise<boolean> {
  // What is certainly planned from its beginning is read for at once.
  const read = slices === null ? null : readForPlanning(deps, place, slices);
  const signal = await claimed(deps, found);
  const begun = signal.status === 'planning' ? begunPlan(signal.plan) : null;
  const planning = { deps, claim, held, signal, place, stop };
  let planned: Planned | 'not now' | null;
  let mayExist: ReadonlySet<string> = new Set();
  if (signal.status === 'planning' && begun === null && isClosing(signal.format)) {
    planned = { turns: false, parts: planExits(planning, null) };
  } else if (signal.status === 'planning' && begun === null) {
    planned = await planWithPrices(planning, read).catch((error: unknown) =>
      endUnplannable(deps, claim, signal, error),
    );
    if (planned === 'not now') return false;
    if (planned === null) return true;
  } else {
    const left = await recover(deps, claim);
    mayExist = new Set(left.map((item) => item.trade.id));
    // A close may have ended before: that it is not among the items does not say that it filled.
    const rest = isClosing(signal.format) ? planExits : planRest;
    planned = { turns: true, parts: begun === null ? single(left) : andThen(left, rest(planning, begun)) };
  }
  await dispatch(deps, claim, held, signal, planned, mayExist, stop);
  if (stop.aborted || !held.held()) return false;

  await deps.precedence.giveWay(claim.tenantId, claim.signalId);
  const db = deps.database.forTenant(claim.tenantId);
  const counts = await finishSignal(db, claim);
  if (counts === null) return true;
  await tell(deps, signal, 'done', counts);
  await wakeNext(deps, signal);
  return true;
}

/** The signal as it is now that it is ours. Nobody but an owner changes it, and one that was new had none. */
async function claimed({ database }: CopyDeps, found: Claimable): Promise<SignalRow> {
  if (found.status === 'received') return { ...found, status: 'planning' };
  const signal = await readSignal(database.statements, found.id);
  if (signal === null) throw new Error('A claimed signal is gone');
  return signal;
}

async function* single<T>(item: T): AsyncGenerator<T> {
  yield item;
}

async function* andThen<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** Sends what is planned, part by part, and waits until all is settled. */
async function dispatch(
  deps: CopyDeps,
  claim: Claim,
  held: HeldClaim,
  signal: SignalRow,
  { turns, parts }: Planned,
  mayExist: ReadonlySet<string>,
  stop: AbortSignal,
): Promise<void> {
  // Ends lingering queries with the dispatch: from then on reconciliation asks.
  const ended = new AbortController();
  const sendByRows = new SendByRows(deps.database.forTenant(claim.tenantId), claim);
  const cut = AbortSignal.any([stop, ended.signal]);
  // Every order that waits listens to it.
  setMaxListeners(0, cut);
  const becoming = new BecomingRows(deps, { ...claim, isOurs: held.held, stop });
  const { rows } = becoming;
  const tradeIds: string[] = [];
  const executor = new OrderExecutor({
    venue: deps.venue,
    settings: deps.settings,
    timings: deps.timings,
    logger: deps.logger,
    report: (tenantId, report) => {
      becoming.heard();
      deps.book.report(tenantId, report);
    },
    extendSendBy: async (_tenant, tradeId, sendBy) => {
      await becoming.isRow(tradeId);
      return sendByRows.extend(tradeId, sendBy);
    },
  });
  const dispatcher = new Dispatcher({ ...deps, executor });
  const freshUntil = signal.expiresAt.getTime();
  try {
    await dispatcher.dispatch({
      tenantId: claim.tenantId,
      signalId: claim.signalId,
      parts: aheadOf(
        parts,
        (part) => {
          for (const { trade } of part) tradeIds.push(trade.id);
          becoming.hold(part);
        },
        () => becoming.allWritten(),
      ),
      turns,
      rows,
      answered: () => {
        becoming.allAnswered();
        deps.precedence.end(claim.signalId);
      },
      mayExist,
      limits: {
        freshUntil,
        lateness: (trade) => latenessOf(signal, trade),
        maySend: () => held.held() && !stop.aborted,
        withheld: (trade) => deps.killSwitches.withheld(claim.tenantId, trade),
        signal: cut,
      },
      patience: new Patience(deps.timings.settleWithin, freshUntil, currentTime()),
    });
  } finally {
    ended.abort();
    // Also where nothing was begun.
    becoming.allWritten();
    becoming.allAnswered();
    await rows;
    await deps.book.drain({ tenantId: claim.tenantId, tradeIds });
  }
}
