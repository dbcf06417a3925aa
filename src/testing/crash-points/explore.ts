import { Stage } from '../copying/stage';
import { FAULT_KINDS, type FaultKind } from './fault-plane';
import { type PositionMode, playScenario, type RunResult } from './scenario';

export type Point = { readonly mode: PositionMode; readonly at: number; readonly kind: FaultKind };
export type PointResult = Point & RunResult;

/** Runs at once: they mostly wait for claims and expiries. */
const AT_ONCE = 6;
/** More effects than the scenario may have: a bound against exploring for ever. */
const MOST_EFFECTS = 2000;

/**
 * Runs the scenario with every effect going wrong in every way. Recovery has effects of its own, so the number of effects
 * is that of the longest undisturbed run. `every` thins: each n-th effect only, another one for each kind.
 */
export async function explore(
  options: { readonly modes: readonly PositionMode[]; readonly every: number },
  report: (result: PointResult) => void,
): Promise<{ readonly effects: number; readonly runs: number }> {
  const host = await Stage.open();
  try {
    let effects = 0;
    let runs = 0;
    for (const mode of options.modes) {
      const calm = await playScenario(host, mode, 0, 'lost');
      report({ mode, at: 0, kind: 'lost', ...calm });
      effects += calm.effects.length;
      const points = pointsOf(mode, Math.min(calm.effects.length, MOST_EFFECTS), options.every);
      runs += 1 + points.length;
      const work = async (): Promise<void> => {
        for (let point = points.shift(); point !== undefined; point = points.shift()) {
          const result = await playScenario(host, point.mode, point.at, point.kind).catch(failed);
          report({ ...point, ...result });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    }
    return { effects, runs };
  } finally {
    await host.close();
  }
}

function pointsOf(mode: PositionMode, effects: number, every: number): Point[] {
  return FAULT_KINDS.flatMap((kind, shift) =>
    Array.from({ length: effects }, (_, index) => index + 1)
      .filter((at) => at % every === shift % every)
      .map((at) => ({ mode, at, kind })),
  );
}

/** A run that does not come to an end is a lost order, whatever the reason. */
function failed(error: Error): RunResult {
  return { effects: [], lost: 1, doubled: 0, wrongSize: 0, wrongState: 0, findings: [error.message] };
}
