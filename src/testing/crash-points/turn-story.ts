import type { SliceSizes } from '@/services/copying/slices';
import type { Stage, StageFollower } from '../copying/stage';
import { until } from '../copying/stage';
import { Crew, DONE_WITHIN, finish, LOOK_EVERY, settle } from './crew';
import { type FaultKind, FaultPlane } from './fault-plane';
import { asRow, outline, type RunResult, unmatched } from './run-result';

export type PositionMode = 'net' | 'long_short';

const FOLLOWERS = ['0.1', '0.25', '0.3333'] as const;

/** Far enough from the market that none is reached. */
const STOPS = { stopLoss: { percent: '20' }, takeProfit: { percent: '20' } };

/** Open, close half, reverse, and the reversal once more; every position has its stop order. */
const STORY: readonly { readonly id: string; readonly fields: Readonly<Record<string, unknown>> }[] = [
  { id: 'open', fields: { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' }, ...STOPS } },
  { id: 'half', fields: { action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } } },
  { id: 'turn', fields: { action: 'open', side: 'short', quantity: { unit: 'base', value: '0.6' }, ...STOPS } },
  { id: 'turn', fields: { action: 'open', side: 'short', quantity: { unit: 'base', value: '0.6' }, ...STOPS } },
];

/** What the venue must have executed, by hand from the rules: contracts of 0.01 BTC, rounded down to 0.01 contracts. */
const EXPECTED: readonly (readonly { readonly side: 'buy' | 'sell'; readonly size: string }[])[] = [
  // 0.1 × 100 = 10; half 5; rest 5; 0.1 × 60 = 6.
  [
    { side: 'buy', size: '10' },
    { side: 'sell', size: '5' },
    { side: 'sell', size: '5' },
    { side: 'sell', size: '6' },
  ],
  // 25; half 12.5; rest 12.5; 15.
  [
    { side: 'buy', size: '25' },
    { side: 'sell', size: '12.5' },
    { side: 'sell', size: '12.5' },
    { side: 'sell', size: '15' },
  ],
  // 33.33; half 16.665 → 16.66; rest 16.67; 0.3333 × 60 = 19.998 → 19.99.
  [
    { side: 'buy', size: '33.33' },
    { side: 'sell', size: '16.66' },
    { side: 'sell', size: '16.67' },
    { side: 'sell', size: '19.99' },
  ],
];
const HELD = ['-6', '-15', '-19.99'] as const;

/** Of three followers two are planned and sent before the third, or one before two of whom each is written alone. */
const SLICES: Readonly<Record<PositionMode, SliceSizes>> = {
  net: { first: 2, growth: 1, most: 2, part: 2 },
  long_short: { first: 1, growth: 2, most: 2, part: 1 },
};

/**
 * Plays the story with one worker whose effect `target` goes wrong (null: none), lets others take over, and compares the
 * books. Throws when it does not come to an end.
 */
export async function playTurn(
  host: Stage,
  mode: PositionMode,
  target: string | null,
  kind: FaultKind,
  pace = 1,
): Promise<RunResult> {
  const stage = await host.beside();
  const followers = await stage.addFollowers(FOLLOWERS.map((followRatio) => ({ followRatio, positionMode: mode })));
  const plane = new FaultPlane(target, kind, pace);
  const crew = await Crew.start(stage, plane, SLICES[mode]);
  try {
    for (const { id, fields } of STORY) {
      const signalId = await stage.send({ id, ...fields });
      await crew.work((worker, stop) => worker.copy(signalId, stop));
      await finish(stage, crew, signalId);
      await protect(stage, crew);
    }
    await plane.calm();
    await crew.rest();
    await settle(stage, crew);
    await protect(stage, crew);
    // What went wrong only here may still be happening.
    await plane.calm();
    await crew.rest();
    await protect(stage, crew);
    return { effects: plane.seen, reached: plane.reached, ...(await compare(stage, followers)) };
  } finally {
    crew.stop();
    await stage.close();
  }
}

/** What the process's loop does until every position has the stop order that it should have. */
async function protect(stage: Stage, crew: Crew): Promise<void> {
  let found: unknown;
  await until(
    async () => {
      await crew.work((worker) => worker.protect());
      const [protections, positions] = await Promise.all([
        stage.db.protection.findMany({ where: { open: true } }),
        stage.db.position.findMany({ where: { quantity: { gt: 0 } } }),
      ]);
      found = { now: new Date(), protections, positions };
      return (
        protections.length === positions.length &&
        protections.every((row) => row.request === 'place' && row.confirmed && row.claimedUntil === null) &&
        positions.every(({ subscriptionId, side, quantity }) =>
          protections.some(
            (row) => row.subscriptionId === subscriptionId && row.side === side && quantity.eq(row.askedQuantity),
          ),
        )
      );
    },
    'every position is protected',
    DONE_WITHIN * crew.plane.pace,
    LOOK_EVERY,
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(found)}`);
  });
}

type Algo = {
  readonly account: string;
  readonly algoClOrdId: string;
  readonly side: string;
  readonly sz: string;
  readonly state: string;
};

/** One stop order for what is held, of its size, and none besides; its trade is live, and those of the others are over. */
async function compareStops(stage: Stage, followers: readonly StageFollower[], note: (text: string) => number) {
  const { algos } = await stage.control<{ algos: readonly Algo[] }>('algos');
  const stops = await stage.db.trade.findMany({ where: { leg: 'stop' } });
  let wrongSize = 0;
  let wrongState = 0;
  for (const [index, follower] of followers.entries()) {
    const name = `follower ${index + 1}`;
    const live = algos.filter(({ account, state }) => account === follower.venueAccount && state === 'live');
    const [stop] = live;
    if (stop === undefined || live.length > 1) wrongState += note(`${name}: ${live.length} stop orders stand`);
    else if (stop.side !== 'buy' || Number(stop.sz) !== -Number(HELD[index])) {
      wrongSize += note(`${name}: the stop order is ${stop.side} ${stop.sz}`);
    }
    const standing = stops.filter((row) => row.subscriptionId === follower.subscriptionId && row.status === 'live');
    if (standing.length !== 1 || standing[0]?.id !== stop?.algoClOrdId) {
      wrongState += note(`${name}: ${standing.length} stop orders are live here`);
    }
  }
  for (const row of stops) {
    if (!['live', 'canceled', 'expired'].includes(row.status)) wrongState += note(`stop ${row.id} is ${row.status}`);
  }
  return { wrongSize, wrongState };
}

async function compare(
  stage: Stage,
  followers: readonly StageFollower[],
): Promise<Omit<RunResult, 'effects' | 'reached'>> {
  const own = new Set(followers.map((follower) => follower.venueAccount));
  const orders = (await stage.venueOrders()).filter((order) => own.has(order.account));
  const trades = await stage.db.trade.findMany({ where: { leg: { not: 'stop' } } });
  const findings: string[] = [];
  let lost = 0;
  let doubled = 0;
  let wrongSize = 0;
  let wrongState = 0;
  const note = (text: string): number => findings.push(text) && 1;

  for (const [index, follower] of followers.entries()) {
    const name = `follower ${index + 1}`;
    const executed = orders.filter((order) => order.account === follower.venueAccount && Number(order.fillSz) > 0);
    const expected = EXPECTED[index] ?? [];
    for (const missing of unmatched(expected, executed)) lost += note(`${name}: no ${missing.side} of ${missing.size}`);
    for (const extra of unmatched(executed.map(outline), expected.map(asRow))) {
      doubled += note(`${name}: an order too many, ${extra.side} ${extra.size}`);
    }
    const held = await stage.held(follower);
    if (Number(held) !== Number(HELD[index])) wrongSize += note(`${name}: our book holds ${held}, not ${HELD[index]}`);
    for (const order of executed) {
      const trade = trades.find((row) => row.id === order.clOrdId);
      if (trade?.status !== 'filled')
        wrongState += note(`${name}: ${order.clOrdId} is filled there, ${trade?.status} here`);
      else if (!trade.filledQuantity.eq(order.fillSz)) wrongSize += note(`${name}: filled quantity differs`);
    }
  }
  const executedIds = new Set(orders.filter((order) => Number(order.fillSz) > 0).map((order) => order.clOrdId));
  for (const trade of trades) {
    if (trade.status === 'filled' && !executedIds.has(trade.id)) wrongState += note(`${trade.id} is filled only here`);
    if (!['filled', 'denied'].includes(trade.status))
      wrongState += note(`${trade.id} ended as ${trade.status} ${trade.code}`);
    if (trade.status === 'denied') wrongState += note(`${trade.id} was denied with ${trade.code}`);
  }
  const fills = await stage.db.fill.count();
  if (fills !== executedIds.size) wrongState += note(`${fills} fills are kept of ${executedIds.size}`);
  const stops = await compareStops(stage, followers, note);
  wrongSize += stops.wrongSize;
  wrongState += stops.wrongState;
  return { lost, doubled, wrongSize, wrongState, findings };
}
