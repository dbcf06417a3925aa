import { parseArgs } from 'node:util';
import { pointsOf } from '@/testing/crash-points/explore';
import { FAULT_KINDS } from '@/testing/crash-points/fault-plane';
import { SCENES } from '@/testing/crash-points/scenario';
import setup from '@/testing/services/global-setup';
import { exploreInParts, surveyInPart } from './parts';
import { Tally } from './tally';

/**
 * Runs every effect of a small scenario (open, partial close, reversal, repeat; three followers; both position modes) going
 * wrong in every way, and compares the books each time. `--json` prints one object as its last line. To look closer:
 * `--scene net`, `--kind lost`, `--effect "sql COMMIT #4"`; `--every 5` thins.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    scene: { type: 'string' },
    kind: { type: 'string' },
    effect: { type: 'string' },
  },
});
const every = Math.max(1, Number(values.every) || 1);
const kinds = FAULT_KINDS.filter((kind) => values.kind === undefined || values.kind === kind);

const stopServices = await setup();
const started = Date.now();
const seconds = (): number => Math.round((Date.now() - started) / 1000);
const tally = new Tally();
let effects = 0;
try {
  for (const scene of SCENES.filter((known) => values.scene === undefined || values.scene === known)) {
    const surveyed = await surveyInPart(scene);
    effects += surveyed.length;
    const points = pointsOf(scene, surveyed, every, kinds).filter(
      ({ effect }) => values.effect === undefined || values.effect === effect,
    );
    console.error(`${scene}: ${surveyed.length} effects, ${points.length} runs`);
    let done = 0;
    await exploreInParts(points, (outcome) => {
      tally.add(outcome);
      done += 1;
      const { point, result } = outcome;
      for (const finding of result.findings) {
        console.error(`WRONG --scene ${scene} --kind ${point.kind} --effect '${point.effect}': ${finding}`);
      }
      if (!result.reached) console.error(`not reached: ${scene}, ${point.kind}, ${point.effect}`);
      if (done % 50 === 0) console.error(`${scene}: ${done} of ${points.length} runs, ${seconds()} s in all`);
    });
  }
  const { runs, unreached, ...wrong } = tally.total;
  console.log(tally.table());
  console.log(`${runs} runs over ${effects} effects in ${seconds()} s; in ${unreached} the effect did not come`);
  if (values.json) console.log(JSON.stringify({ runs, effects, ...wrong }));
  process.exitCode = tally.wrong ? 1 : 0;
} finally {
  await stopServices();
}
process.exit();
