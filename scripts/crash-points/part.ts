import { text } from 'node:stream/consumers';
import { Stage } from '@/testing/copying/stage';
import { explore, type Point, type PointResult, surveyEffects } from '@/testing/crash-points/explore';
import type { Scene } from '@/testing/crash-points/scenario';

/** What a part is asked for, as JSON on its standard input. */
export type PartTask = { readonly survey: Scene } | { readonly points: readonly Point[] };

/** A line that it answers: the effects of a survey once, or one result for each point. */
export type PartLine = { readonly effects: readonly string[] } | PointResult;

/** A few runs on the services that the environment names. */
const task = JSON.parse(await text(process.stdin)) as PartTask;
const tell = (line: PartLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const host = await Stage.open();
if ('survey' in task) tell({ effects: await surveyEffects(host, task.survey) });
else await explore(host, task.points, tell);
await host.close();
process.stdout.write('', () => process.exit());
