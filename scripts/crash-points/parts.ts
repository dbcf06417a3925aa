import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { lostRun, type Point, type PointResult } from '@/testing/crash-points/explore';
import type { Scene } from '@/testing/crash-points/scenario';
import type { PartLine, PartTask } from './part';

/** Runs of one process: what hundreds of workers that "died" leave in memory goes with it. */
const RUNS_A_PART = 60;
const PARTS_AT_ONCE = 2;
/** A part that says nothing for so long has hung, ms: longer than a run may take, and its repetitions. */
const SILENCE = 900_000;

export async function surveyInPart(scene: Scene): Promise<readonly string[]> {
  let effects: readonly string[] | null = null;
  const why = await runPart({ survey: scene }, (line) => {
    if ('effects' in line) effects = line.effects;
  });
  if (effects === null) throw new Error(`The survey of ${scene} failed: ${why}`);
  return effects;
}

/** Plays every point, some at a time in processes of their own. Each point is reported once, whatever becomes of them. */
export async function exploreInParts(points: readonly Point[], report: (result: PointResult) => void): Promise<void> {
  const left = [...points];
  const work = async (): Promise<void> => {
    while (left.length > 0) await explorePart(left.splice(0, RUNS_A_PART), report);
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
}

async function explorePart(points: readonly Point[], report: (result: PointResult) => void): Promise<void> {
  const open = new Map(points.map((point) => [keyOf(point), point]));
  const why = await runPart({ points }, (line) => {
    if ('point' in line && open.delete(keyOf(line.point))) report(line);
  });
  for (const point of open.values()) report({ point, result: lostRun(`Its process ended before it: ${why}`) });
}

const keyOf = ({ scene, kind, effect }: Point): string => `${scene} ${kind} ${effect}`;

/** Answers how the process ended, for people. Its standard error is ours. */
function runPart(task: PartTask, tell: (line: PartLine) => void): Promise<string> {
  const script = fileURLToPath(new URL('part.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const hung = setTimeout(() => child.kill('SIGKILL'), SILENCE);
  createInterface({ input: child.stdout }).on('line', (line) => {
    hung.refresh();
    tell(JSON.parse(line) as PartLine);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(task));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(hung);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
}
