import type { PositionSide } from '@/domain/signal';
import { Chance } from './chance';
import { drawHabit, type Habit } from './habits';

/** Two signal sources, each with a strategy of its own. */
export const SOURCES = ['a', 'b'] as const;
export type SourceKey = (typeof SOURCES)[number];

export type StormSubscription = {
  readonly source: SourceKey;
  /** Decimal text. */
  readonly ratio: string;
  readonly reverse: boolean;
  readonly forceMinimum: boolean;
};

/** One customer with one account; two subscriptions when he follows both sources. */
export type StormFollower = {
  readonly index: number;
  readonly positionMode: 'net' | 'long_short';
  /** Decimal text; the strategy's default is 10. */
  readonly maxLeverage: string;
  readonly subscriptions: readonly StormSubscription[];
  /** What he does himself; null: nothing. */
  readonly habit: Habit | null;
  /** What he wants done when the venue holds less than our books. */
  readonly driftPolicy: 'alert' | 'repair';
};

export type StormSignal = {
  readonly index: number;
  readonly id: string;
  readonly source: SourceKey;
  readonly instrument: string;
  /** When it is due, ms after the storm's start. */
  readonly at: number;
  readonly action: 'open' | 'close' | 'reverse' | 'target';
  readonly side: PositionSide;
  readonly quantity: { readonly unit: 'base' | 'percent_position'; readonly value: string } | null;
  readonly maxLagSeconds: number;
  /** Percent of the follower's entry; null: none. */
  readonly stops: { readonly loss: string; readonly profit: string } | null;
  /** How old it already is when it is first sent, ms; above maxLag it must be refused. */
  readonly ageMs: number;
  /** Sent this often at once. */
  readonly copies: number;
  /** Sent again so long after it was taken in, ms; null: not. */
  readonly repeatAfter: number | null;
};

export type Scenario = {
  readonly seed: number;
  readonly followers: readonly StormFollower[];
  readonly signals: readonly StormSignal[];
  /** Signals are sent within this time, ms. */
  readonly length: number;
  /** Every leader leaves in the end: then nothing of ours is held anywhere. */
  readonly leaves: boolean;
  /** When the operator puts the tenant's kill switch on `flatten`, ms after the storm's start; null: never. */
  readonly flattensAt: number | null;
};

const LANES: readonly { readonly source: SourceKey; readonly instrument: string; readonly weight: number }[] = [
  { source: 'a', instrument: 'BTC-USDT-SWAP', weight: 0.4 },
  { source: 'b', instrument: 'BTC-USDT-SWAP', weight: 0.75 },
  { source: 'a', instrument: 'ETH-USDT-SWAP', weight: 1 },
];
/** Far from the market: they stand there all the time and are never reached. */
const STOPS = { loss: '20', profit: '30' } as const;

/** Whether a strategy's positions in an instrument have stop orders, all of them and at all times. */
export function hasStops(seed: number, source: SourceKey, instrument: string): boolean {
  return instrument.startsWith('ETH') || (source === 'a' ? seed % 2 === 0 : seed % 3 === 0);
}

const PATIENT_SECONDS = 240;
const HURRIED_SECONDS = 3;

/** What one seed does: who follows what, and which signals come when. Pure; the same seed gives the same scenario. */
export function makeScenario(seed: number, followers: number, signals: number): Scenario {
  const copied = makeSignals(seed, signals);
  const leaves = seed % 4 !== 0;
  const sent = leaves ? [...copied, ...makeLeave(seed, copied)] : copied;
  const length = sent.at(-1)?.at ?? 0;
  return {
    seed,
    followers: makeFollowers(seed, followers),
    signals: sent,
    length,
    leaves,
    // Kills and faults go on, and some of what is to be closed is on its way or not even decided.
    flattensAt: seed % 4 === 0 ? length + new Chance(seed, 'flatten').integer(-2000, 10_000) : null,
  };
}

function makeFollowers(seed: number, count: number): readonly StormFollower[] {
  const chance = new Chance(seed, 'followers');
  const habits = new Chance(seed, 'habits');
  return Array.from({ length: count }, (_, index) => {
    const share = chance.fraction();
    // Only long/short mode can hold two strategies against each other.
    const sources: readonly SourceKey[] = share < 0.45 ? ['a'] : share < 0.8 ? ['b'] : ['a', 'b'];
    const positionMode = sources.length === 2 || chance.oneIn(2) ? 'long_short' : 'net';
    return {
      index,
      positionMode,
      // An account has one leverage per instrument: whoever follows two strategies uses it for both.
      maxLeverage: sources.length === 2 ? '10' : chance.pick(['3', '10', '20']),
      subscriptions: sources.map((source) => ({
        source,
        ratio: ratio(chance),
        reverse: chance.oneIn(10),
        forceMinimum: chance.oneIn(10),
      })),
      habit: drawHabit(habits, sources.length),
      driftPolicy: habits.pick(['alert', 'repair']),
    };
  });
}

/** Most follow with some per cent; some with so little that only the rounding debt makes an order of it. */
function ratio(chance: Chance): string {
  if (chance.oneIn(8)) return `0.000${chance.integer(1, 9)}${chance.integer(1, 9)}`;
  return `0.${String(chance.integer(5, 300)).padStart(3, '0')}${chance.integer(1, 9)}`;
}

type Leader = { side: PositionSide | null; size: number };

function makeSignals(seed: number, count: number): readonly StormSignal[] {
  const chance = new Chance(seed, 'signals');
  const leaders = LANES.map((): Leader => ({ side: null, size: 0 }));
  let at = 500;
  return Array.from({ length: count }, (_, index) => {
    at += chance.oneIn(3) ? chance.integer(20, 200) : chance.integer(500, 3000);
    const draw = chance.fraction();
    const laneIndex = index < LANES.length ? index : LANES.findIndex((candidate) => draw < candidate.weight);
    const lane = LANES[laneIndex];
    const leader = leaders[laneIndex];
    if (lane === undefined || leader === undefined) throw new Error('No such lane');
    const stale = index >= LANES.length && chance.oneIn(9);
    // A stale signal is refused and must move nobody, the leader neither.
    const move = makeMove(chance, stale ? { ...leader } : leader, lane.instrument.startsWith('BTC') ? 2 : 20);
    const hurried = move.action === 'open' && index >= LANES.length && chance.oneIn(8);
    const maxLagSeconds = hurried ? HURRIED_SECONDS : PATIENT_SECONDS;
    return {
      index,
      id: `storm-${seed}-${index}`,
      source: lane.source,
      instrument: lane.instrument,
      at,
      ...move,
      maxLagSeconds,
      stops: move.action !== 'close' && hasStops(seed, lane.source, lane.instrument) ? STOPS : null,
      ageMs: stale ? maxLagSeconds * 1000 + chance.integer(5000, 60_000) : 0,
      copies: chance.oneIn(5) ? chance.integer(2, 3) : 1,
      repeatAfter: chance.oneIn(3) ? chance.integer(100, 6000) : null,
    };
  });
}

/** Closes of both sides in every lane: which one its leader stands on depends on what the storm let through. */
function makeLeave(seed: number, before: readonly StormSignal[]): readonly StormSignal[] {
  const chance = new Chance(seed, 'leave');
  let at = before.at(-1)?.at ?? 0;
  const closes = LANES.flatMap(({ source, instrument }) =>
    (['long', 'short'] as const).map((side) => ({ source, instrument, side })),
  );
  return closes.map((lane, place) => {
    at += chance.integer(100, 1500);
    const index = before.length + place;
    return {
      ...lane,
      index,
      id: `storm-${seed}-${index}`,
      at,
      action: 'close',
      quantity: null,
      maxLagSeconds: PATIENT_SECONDS,
      stops: null,
      ageMs: 0,
      copies: 1,
      repeatAfter: null,
    };
  });
}

type Move = Pick<StormSignal, 'action' | 'side' | 'quantity'>;

function other(side: PositionSide): PositionSide {
  return side === 'long' ? 'short' : 'long';
}

/** The next thing this leader would do; moves him. */
function makeMove(chance: Chance, leader: Leader, most: number): Move {
  const size = (scale = 1): string => (chance.integer(10, 100 * most * scale) / 100).toFixed(2);
  const base = (value: string) => ({ unit: 'base', value }) as const;
  const draw = chance.fraction();
  const { side } = leader;
  if (side === null || leader.size <= 0) {
    const opened = chance.pick<PositionSide>(['long', 'short']);
    const value = size();
    Object.assign(leader, { side: opened, size: Number(value) });
    return { action: chance.oneIn(4) ? 'target' : 'open', side: opened, quantity: base(value) };
  }
  if (draw < 0.25) {
    const value = size(0.5);
    leader.size += Number(value);
    return { action: 'open', side, quantity: base(value) };
  }
  if (draw < 0.5) {
    const percent = chance.pick(['10', '20', '25', '33.3', '50', '66.67', '75', '90']);
    leader.size *= 1 - Number(percent) / 100;
    return { action: 'close', side, quantity: { unit: 'percent_position', value: percent } };
  }
  if (draw < 0.6) {
    const value = Math.max(0.01, leader.size * chance.fraction()).toFixed(2);
    leader.size = Math.max(0, leader.size - Number(value));
    if (leader.size === 0) leader.side = null;
    return { action: 'close', side, quantity: base(value) };
  }
  if (draw < 0.8) {
    const value = size();
    Object.assign(leader, { side: other(side), size: Number(value) });
    return { action: chance.pick(['open', 'reverse', 'target']), side: other(side), quantity: base(value) };
  }
  if (draw < 0.9) {
    const value = size();
    leader.size = Number(value);
    return { action: 'target', side, quantity: base(value) };
  }
  Object.assign(leader, { side: null, size: 0 });
  return { action: 'close', side, quantity: null };
}
