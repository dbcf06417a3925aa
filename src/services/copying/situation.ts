import type { AccountMode } from '@/domain/account-mode';
import { type Dec, dec } from '@/domain/decimal';
import type { ListedInstrument } from '@/domain/listing';
import { setsLevels } from '@/domain/protection';
import type { KillSwitchLevel } from '@/domain/risk/types';
import type { LeaderBook, PositionSide, SignalIntent } from '@/domain/signal';
import type { LaneTimes } from '@/domain/signal-order';
import { currentTime } from '@/platform/clock';
import { type Database, Prisma } from '@/platform/database/database';
import { readRestingEntries } from '../execution/resting-entries';
import type { TradeRecord } from '../execution/trade-record';
import { type ClosingSignal, closeFor, closingSignal } from './closing-signal';
import { NOTHING_COMMITTED, readCommittedMargins } from './committed-margin';
import type { CopyDeps } from './copy-deps';
import { readModes } from './followers';
import { readLaneTimes } from './lane-times';
import { type PlanInput, type PlannedStrategy, protectionKey } from './plan';
import type { SignalRow } from './signal-row';
import { AskedBalances } from './unknown-equity';

/** Where a signal stands: what is asked of the database before the signal itself is read. */
export type Place = {
  /** The signal's. */
  readonly id: string;
  readonly tenantId: string;
  readonly sourceId: string;
  readonly format: string;
  readonly instrument: ListedInstrument;
  readonly strategies: readonly PlannedStrategy[];
};

/** What the rows say beside the followers and the signal. */
export type Facts = {
  readonly killSwitch: KillSwitchLevel;
  readonly leaderEquity: Dec;
  readonly leaderBook: LeaderBook;
  readonly leaderTimes: LaneTimes;
  readonly modes: readonly AccountMode[];
  /** See `protectionKey`. */
  readonly inForce: ReadonlySet<string>;
  /** Other signals of the tenant are being written ahead at this moment. */
  readonly othersPlanned: boolean;
  /** Of those, the ones that the market has passed. */
  readonly crossed: ReadonlySet<string>;
  /** Accounts where a stop order may stand for one of them. */
  readonly stopsRest: ReadonlySet<string>;
};

type FactRow = {
  readonly othersPlanned: bigint | number;
  readonly killSwitch: KillSwitchLevel;
  readonly leaderEquity: string;
  readonly leaderSide: PositionSide | null;
  readonly leaderSize: string | null;
  readonly leaderTimes: string | null;
};

type ProtectionFact = {
  readonly subscriptionId: string;
  readonly side: PositionSide;
  readonly accountId: string;
  readonly crossed: string | null;
  readonly request: string;
};

/** Only for a signal that is claimed: its lane stands still as long. */
export async function readFacts({ statements }: Pick<Database, 'statements'>, place: Place): Promise<Facts> {
  const { id, tenantId, sourceId, instrument, strategies } = place;
  const strategyIds = strategies.map(({ id }) => id);
  const [[facts], modes, inForce] = await Promise.all([
    statements.$queryRaw<FactRow[]>(Prisma.sql`
      SELECT n.killSwitch, CAST(o.leaderEquity AS CHAR) AS leaderEquity, l.leaderSide, CAST(l.leaderSize AS CHAR) AS leaderSize,
        CAST(l.leaderTimes AS CHAR) AS leaderTimes,
        EXISTS (SELECT 1 FROM WrittenPlan w WHERE w.tenantId = ${tenantId} AND w.signalId <> ${id}) AS othersPlanned
      FROM SignalSource o JOIN Tenant n ON n.id = o.tenantId
      LEFT JOIN SignalLane l ON l.sourceId = o.id AND l.instrumentId = ${instrument.id}
      WHERE o.tenantId = ${tenantId} AND o.id = ${sourceId}`),
    readModes(statements, tenantId, strategyIds, instrument.venue),
    statements.$queryRaw<ProtectionFact[]>(Prisma.sql`
      SELECT subscriptionId, side, accountId, crossed, request FROM Protection
      WHERE tenantId = ${tenantId} AND instrumentId = ${instrument.id} AND open = TRUE`),
  ]);
  if (facts === undefined) throw new Error('The source of a signal is gone');
  return {
    killSwitch: facts.killSwitch,
    leaderEquity: dec(facts.leaderEquity),
    leaderBook: { side: facts.leaderSide, quantity: facts.leaderSize === null ? '0' : dec(facts.leaderSize).toFixed() },
    leaderTimes: readLaneTimes(facts.leaderTimes),
    modes,
    othersPlanned: Number(facts.othersPlanned) === 1,
    inForce: keysOf(inForce),
    crossed: keysOf(inForce.filter(({ crossed }) => crossed !== null)),
    stopsRest: new Set(inForce.filter(({ request }) => request !== 'none').map(({ accountId }) => accountId)),
  };
}

function keysOf(
  rows: readonly { readonly subscriptionId: string; readonly side: PositionSide }[],
): ReadonlySet<string> {
  return new Set(rows.map(({ subscriptionId, side }) => protectionKey(subscriptionId, side)));
}

/** All that is decided from beside the followers themselves. */
export type Situation = {
  readonly input: Omit<PlanInput, 'followers'> & { readonly prices: Map<AccountMode, Dec> };
  readonly modes: readonly AccountMode[];
  readonly resting: readonly TradeRecord[];
  readonly closing: ClosingSignal | null;
  /** Modes whose price was asked for: it is not asked for again with every slice. */
  readonly asked: Set<AccountMode>;
  /** Accounts whose balance was asked for with this signal, and what came of it. */
  readonly askedBalances: AskedBalances;
};

/** @param unreachable modes whose venue was found gone so far; those found now are added */
export async function situationOf(
  deps: CopyDeps,
  place: Place,
  signal: SignalRow,
  facts: Facts,
  unreachable: Set<AccountMode>,
): Promise<Situation> {
  const { tenantId, sourceId, instrument, strategies } = place;
  const { killSwitch, leaderEquity, leaderBook, leaderTimes, modes, inForce, crossed } = facts;
  for (const mode of modes) if (!deps.venue(instrument.venue).breaker(mode).reachable) unreachable.add(mode);
  const intent = signal.intent as unknown as SignalIntent;
  const closing = await closingSignal(deps.database.statements, signal, crossed);
  const db = deps.database.forTenant(tenantId);
  const resting = concernsResting(intent, leaderBook, inForce)
    ? await readRestingEntries(db, tenantId, sourceId, instrument.id)
    : [];
  const committed =
    facts.othersPlanned && mayEnter(intent) ? await readCommittedMargins(deps.database, place) : NOTHING_COMMITTED;
  const input = {
    committed,
    now: currentTime(),
    intent,
    maxLagMs: signal.expiresAt.getTime() - signal.sentAt.getTime(),
    instrument,
    book: leaderBook,
    times: leaderTimes,
    leaderEquity,
    strategies,
    tenantKillSwitch: killSwitch,
    platformKillSwitch: deps.killSwitches.platform,
    protected: inForce,
    stopsRest: facts.stopsRest,
    resting: new Set(resting.map(({ subscriptionId, positionSide }) => protectionKey(subscriptionId, positionSide))),
    prices: new Map<AccountMode, Dec>(),
    unreachable,
    ...(closing === null ? {} : { closeFor: closeFor(closing, leaderBook, killSwitch, strategies, deps) }),
  };
  const situation = {
    input,
    modes,
    resting,
    closing,
    asked: new Set<AccountMode>(),
    askedBalances: new AskedBalances(),
  };
  await addPrices(
    deps,
    situation,
    modes.map((mode) => ({ mode })),
  );
  return situation;
}

/**
 * Whether entries that rest at the venue make a difference: whoever leaves takes them back, and levels concern them, too. A plain
 * entry does not wait to read them.
 */
function concernsResting(intent: SignalIntent, book: LeaderBook, inForce: ReadonlySet<string>): boolean {
  const adds = intent.action === 'open' && intent.side !== null && (book.side === null || book.side === intent.side);
  return !adds || setsLevels(intent) || inForce.size > 0;
}

/** Closes and levels bind no margin. */
function mayEnter({ action }: SignalIntent): boolean {
  return action !== 'close' && action !== 'protect';
}

/** Asks for the prices that these followers trade at, where they are not known yet. */
export async function addPrices(
  deps: CopyDeps,
  { input: { prices, instrument }, asked }: Pick<Situation, 'input' | 'asked'>,
  followers: readonly { readonly mode: AccountMode }[],
): Promise<void> {
  const missing = [...new Set(followers.map(({ mode }) => mode))].filter((mode) => !asked.has(mode));
  if (missing.length === 0) return;
  for (const mode of missing) asked.add(mode);
  await Promise.all(
    missing.map(async (mode) => {
      const price = await deps.prices.price(instrument.venue, mode, instrument.symbol);
      if (price !== null) prices.set(mode, price);
    }),
  );
}
