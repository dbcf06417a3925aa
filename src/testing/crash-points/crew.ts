import type { SliceSizes } from '@/services/copying/slices';
import { settleStragglers, sweepSignals } from '@/services/copying/sweep';
import type { ExecutionTimings } from '@/services/execution/timings';
import { type Stage, type StageWorker, until } from '../copying/stage';
import type { FaultPlane } from './fault-plane';

/**
 * The product's times, scaled down so that thousands of runs take minutes. Their order of size is kept.
 *
 * @param pace how much longer a busy machine needs: claims must not run out by mere slowness
 */
function scaledTimings(pace: number): ExecutionTimings {
  return {
    claimLease: 480 * pace,
    claimRenewal: 160 * pace,
    sendWindow: 400 * pace,
    absenceMargin: 120 * pace,
    firstQuery: 10,
    longestQuery: 60,
    answersWithin: 30,
    firstLook: 5,
    queryAfter: 15,
    longestLook: 40,
    stopLease: 600 * pace,
    stopSendWindow: 250 * pace,
    stopAbsentAfter: 320 * pace,
    stopAskAgain: 20,
    settleWithin: 15_000 * pace,
  };
}

/** What is to be done is looked for this often, ms, and must be done within this time at an even pace. */
export const LOOK_EVERY = 40;
export const DONE_WITHIN = 45_000;

/** The worker whose effect goes wrong and, once it is dead or stands still, the one that takes over. */
export class Crew {
  readonly #ends = new AbortController();
  readonly #begun = new Set<Promise<void>>();
  #heir: StageWorker | null = null;

  private constructor(
    readonly stage: Stage,
    readonly plane: FaultPlane,
    readonly first: StageWorker,
    readonly slices: SliceSizes,
  ) {}

  static async start(stage: Stage, plane: FaultPlane, slices: SliceSizes): Promise<Crew> {
    const options = {
      streams: false,
      timings: scaledTimings(plane.pace),
      effects: plane,
      readsInstruments: true,
      slices,
    };
    const first = await stage.worker({ ...options, name: 'first' });
    const crew = new Crew(stage, plane, first, slices);
    // Timers of a process end with it.
    void plane.gone.then(() => {
      if (plane.dead) crew.stop();
    });
    return crew;
  }

  /**
   * Lets whoever is there do something; resolves when it is done, or its worker left over it. A rejection is what the
   * process logs; the next look takes the work up again.
   */
  async work(act: (worker: StageWorker, stop: AbortSignal) => Promise<void>): Promise<void> {
    if (this.plane.left) {
      this.#heir ??= await this.stage.worker({
        streams: false,
        timings: scaledTimings(this.plane.pace),
        slices: this.slices,
        name: 'second',
      });
      return act(this.#heir, new AbortController().signal).catch(() => undefined);
    }
    const begun = act(this.first, this.#ends.signal).catch(() => undefined);
    this.#begun.add(begun);
    await Promise.race([begun, this.plane.gone]);
  }

  /** What was begun before a standstill has come to its end. */
  async rest(): Promise<void> {
    if (this.plane.dead) return;
    await Promise.all(this.#begun);
    await this.first.deps.book.drain();
  }

  stop(): void {
    this.#ends.abort();
  }
}

/** What the process's loops do until the signal is done: sweep and copy. */
export async function finish(stage: Stage, crew: Crew, signalId: string): Promise<void> {
  await until(
    async () => {
      const { status } = await stage.signal(signalId);
      if (status === 'done' || status === 'rejected') return true;
      await crew.work(async (worker, stop) => {
        for (const found of await sweepSignals(worker.deps.database, 0)) {
          // The other runs' signals are found as well.
          if (found.tenantId === stage.tenantId) await worker.copy(found.id, stop);
        }
      });
      return false;
    },
    `signal ${signalId} is done`,
    DONE_WITHIN * crew.plane.pace,
    LOOK_EVERY,
  );
}

/** Asks about stragglers until nothing is open. */
export async function settle(stage: Stage, crew: Crew): Promise<void> {
  const accounts = new Set(stage.followers.map((follower) => follower.accountId));
  const unsettled = () =>
    stage.db.trade.count({
      where: { status: { in: ['planned', 'unknown', 'live', 'partially_filled'] }, leg: { not: 'stop' } },
    });
  await until(
    async () => {
      if ((await unsettled()) === 0) return true;
      await crew.work((worker, stop) =>
        settleStragglers(
          worker.deps,
          (accountId) => accounts.has(accountId),
          AbortSignal.any([stop, AbortSignal.timeout(5000)]),
          0,
        ),
      );
      return (await unsettled()) === 0;
    },
    'every trade is settled',
    DONE_WITHIN * crew.plane.pace,
    LOOK_EVERY,
  );
}
