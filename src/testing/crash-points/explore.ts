import { monitorEventLoopDelay } from 'node:perf_hooks';
import { IN_VAIN, type Stage } from '../copying/stage';
import { FAULT_KINDS, type FaultKind } from './fault-plane';
import type { RunResult } from './run-result';
import { playScenario, type Scene } from './scenario';

/** One way for one effect to go wrong. `effect`: as the fault plane names it. */
export type Point = { readonly scene: Scene; readonly effect: string; readonly kind: FaultKind };
export type PointResult = { readonly point: Point; readonly result: RunResult };

/** Runs at once: they mostly wait for claims and expiries. */
const AT_ONCE = 5;
/** A run that takes longer than this at an even pace has lost something, ms. */
const RUN_LIMIT = 90_000;
/** Timers of a machine that is not short of processors come at most this late, ms. */
const USUAL_LAG = 80;
const SLOWEST = 8;
/** Undisturbed runs that are looked at for effects: what comes by the clock does not come in each. */
const LOOKS = 3;
/** An effect that did not come is waited for in this many further runs. */
const FURTHER_RUNS = 2;

/** Plays the scenario undisturbed and names its effects. Throws when its books are wrong even so. */
export async function surveyEffects(host: Stage, scene: Scene): Promise<readonly string[]> {
  const looks = Array.from({ length: LOOKS }, () => playScenario(host, scene, null, 'lost', SLOWEST));
  const effects = new Set<string>();
  for (const calm of await Promise.all(looks)) {
    if (calm.findings.length > 0) throw new Error(`Wrong without any fault: ${calm.findings.join('; ')}`);
    for (const effect of calm.effects) effects.add(effect);
  }
  return [...effects];
}

/** Every effect in every way. `every` thins: each n-th effect only, another one for each kind. */
export function pointsOf(
  scene: Scene,
  effects: readonly string[],
  every = 1,
  kinds: readonly FaultKind[] = FAULT_KINDS,
): readonly Point[] {
  return kinds.flatMap((kind) =>
    effects
      .filter((_, index) => (index + 1) % every === FAULT_KINDS.indexOf(kind) % every)
      .map((effect) => ({ scene, effect, kind })),
  );
}

/** Plays the scenario once for every point; results come in the order in which the runs end. */
export async function explore(
  host: Stage,
  points: readonly Point[],
  report: (result: PointResult) => void,
): Promise<void> {
  const left = [...points];
  const slowness = new Slowness();
  const work = async (): Promise<void> => {
    for (let point = left.shift(); point !== undefined; point = left.shift()) {
      const pace = slowness.pace();
      let result = await playPoint(host, point, pace);
      // The machine became busy in the middle of it. What is lost or doubled is not played again, nor what was slow for no reason.
      if (isInVain(result)) {
        slowness.look();
        if (slowness.pace() > pace) result = await playPoint(host, point, SLOWEST);
      }
      for (let run = 0; run < FURTHER_RUNS && !result.reached && result.findings.length === 0; run += 1) {
        result = await playPoint(host, point, slowness.pace());
      }
      slowness.look();
      report({ point, result });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  slowness.close();
}

/** Something did not come in time, and nothing else is wrong. */
function isInVain({ findings }: RunResult): boolean {
  return findings.length > 0 && findings.every((finding) => finding.startsWith(IN_VAIN));
}

/** How much longer than on a machine with processors to spare everything takes, by how late timers come. */
class Slowness {
  readonly #lag = monitorEventLoopDelay({ resolution: 20 });
  readonly #latest: number[] = [];

  constructor() {
    this.#lag.enable();
  }

  /** Called now and then; the last few times count. */
  look(): void {
    this.#latest.push(this.#lag.max / 1e6);
    if (this.#latest.length > AT_ONCE) this.#latest.shift();
    this.#lag.reset();
  }

  /** A whole number: times are whole milliseconds. */
  pace(): number {
    if (this.#latest.length === 0) return SLOWEST;
    return Math.min(SLOWEST, Math.max(1, Math.round(Math.max(...this.#latest) / USUAL_LAG)));
  }

  close(): void {
    this.#lag.disable();
  }
}

/** A run that does not come to an end is a lost order, whatever the reason. */
async function playPoint(host: Stage, { scene, effect, kind }: Point, pace: number): Promise<RunResult> {
  const within = RUN_LIMIT * pace;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The run did not end within ${Math.round(within / 1000)} s`)), within);
  });
  try {
    return await Promise.race([playScenario(host, scene, effect, kind, pace), limit]);
  } catch (error) {
    return lostRun((error as Error).message);
  } finally {
    clearTimeout(timer);
  }
}

/** The result of a run that told nothing but why it ended. */
export function lostRun(why: string): RunResult {
  return { effects: [], reached: true, lost: 1, doubled: 0, wrongSize: 0, wrongState: 0, findings: [why] };
}
