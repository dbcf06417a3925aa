import { sweepSignals } from '@/services/copying/sweep';
import { type Stage, type StageFollower, until } from '../copying/stage';
import { Crew, DONE_WITHIN, finish, LOOK_EVERY, settle } from './crew';
import { type FaultKind, FaultPlane } from './fault-plane';
import { asRow, outline, type RunResult, unmatched } from './run-result';

const FOLLOWERS = [
  { followRatio: '0.1', positionMode: 'net' },
  { followRatio: '0.3333', positionMode: 'long_short' },
] as const;
/** By hand from the rules: contracts of 0.01 BTC, rounded down to 0.01 contracts. */
const SIZES = ['10', '33.33'] as const;

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
/** A long's stop-loss that every price has passed. */
const PASSED = { action: 'protect', side: 'long', stopLoss: { price: '1000000' } };

const SLICES = { first: 1, growth: 1, most: 2, part: 1 };

/** Everybody opens, and gets a stop-loss that the market has passed: the venue refuses it, and everybody is closed at market, once. */
export async function playCrossed(
  host: Stage,
  target: string | null,
  kind: FaultKind,
  pace: number,
): Promise<RunResult> {
  const stage = await host.beside();
  const followers = await stage.addFollowers(FOLLOWERS);
  const plane = new FaultPlane(target, kind, pace);
  const crew = await Crew.start(stage, plane, SLICES);
  try {
    for (const fields of [OPEN, PASSED]) {
      const signalId = await stage.send(fields);
      await crew.work((worker, stop) => worker.copy(signalId, stop));
      await finish(stage, crew, signalId);
    }
    await leave(stage, crew);
    // What went wrong only here may still be happening.
    await plane.calm();
    await crew.rest();
    await settle(stage, crew);
    await leave(stage, crew);
    return { effects: plane.seen, reached: plane.reached, ...(await compare(stage, followers)) };
  } finally {
    crew.stop();
    await stage.close();
  }
}

/** What the process's loops do until nothing is held, no exit is due and no stop order is wanted. */
async function leave(stage: Stage, crew: Crew): Promise<void> {
  await until(
    async () => {
      await crew.work((worker) => worker.protect());
      await crew.work(async (worker) => void (await worker.leave()));
      await crew.work(async (worker, stop) => {
        // The other runs' signals are found as well.
        for (const found of await sweepSignals(worker.deps.database, 0)) {
          if (found.tenantId === stage.tenantId) await worker.copy(found.id, stop);
        }
      });
      const [held, exits, protections, signals] = await Promise.all([
        stage.db.position.count({ where: { quantity: { gt: 0 } } }),
        stage.db.positionExit.count({ where: { doneAt: null } }),
        stage.db.protection.count({ where: { open: true } }),
        stage.db.signal.count({ where: { status: { notIn: ['done', 'rejected'] } } }),
      ]);
      return held + exits + protections + signals === 0;
    },
    'everybody is closed',
    DONE_WITHIN * crew.plane.pace,
    LOOK_EVERY,
  );
}

async function compare(
  stage: Stage,
  followers: readonly StageFollower[],
): Promise<Omit<RunResult, 'effects' | 'reached'>> {
  const orders = await stage.venueOrders();
  const { algos } = await stage.control<{ algos: readonly { account: string; state: string }[] }>('algos');
  const trades = await stage.db.trade.findMany();
  const findings: string[] = [];
  let [lost, doubled, wrongSize, wrongState] = [0, 0, 0, 0];
  const note = (text: string): number => findings.push(text) && 1;

  for (const [index, follower] of followers.entries()) {
    const name = `follower ${index + 1}`;
    const size = SIZES[index] ?? '';
    const executed = orders.filter(({ account, fillSz }) => account === follower.venueAccount && Number(fillSz) > 0);
    const expected = [{ side: 'buy', size } as const, { side: 'sell', size } as const];
    for (const missing of unmatched(expected, executed)) lost += note(`${name}: no ${missing.side} of ${missing.size}`);
    for (const extra of unmatched(executed.map(outline), expected.map(asRow))) {
      doubled += note(`${name}: an order too many, ${extra.side} ${extra.size}`);
    }
    const there = await stage.venueHeld(follower);
    if (there !== '0') wrongSize += note(`${name}: the venue holds ${there}`);
    const standing = algos.filter(({ account, state }) => account === follower.venueAccount && state === 'live');
    if (standing.length > 0) wrongState += note(`${name}: ${standing.length} stop orders stand`);
    for (const order of executed) {
      const trade = trades.find(({ id }) => id === order.clOrdId);
      if (trade?.status !== 'filled') wrongState += note(`${name}: ${order.clOrdId} is ${trade?.status} here`);
      else if (!trade.filledQuantity.eq(order.fillSz)) wrongSize += note(`${name}: filled quantity differs`);
    }
    const stops = trades.filter(
      ({ leg, subscriptionId }) => leg === 'stop' && subscriptionId === follower.subscriptionId,
    );
    if (stops.length !== 1) wrongState += note(`${name}: ${stops.length} receipts of one refused stop order`);
    for (const { status } of stops) {
      if (status !== 'rejected' && status !== 'expired') wrongState += note(`${name}: the stop order is ${status}`);
    }
  }
  for (const { id, leg, status, code } of trades) {
    if (['planned', 'unknown', 'live', 'partially_filled', 'denied'].includes(status) || leg === 'outside') {
      wrongState += note(`${leg} ${id} is ${status} ${code}`);
    }
  }
  return { lost, doubled, wrongSize, wrongState, findings };
}
