import { parseArgs } from 'node:util';
import setup from '@/testing/services/global-setup';

/**
 * Runs every effect of a small scenario (open, partial close, reversal, repeat; three followers; both position modes) going
 * wrong in every way, and compares the books each time. `--every 5` thins, `--json` prints one object as its last line.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, every: { type: 'string', default: '1' } },
});
const every = Math.max(1, Number(values.every) || 1);

const stopServices = await setup();
const started = Date.now();
const totals = { lost: 0, doubled: 0, wrongSize: 0, wrongState: 0 };
let done = 0;
try {
  // After the services: the stage finds them in the environment.
  const { explore } = await import('@/testing/crash-points/explore');
  const { effects, runs } = await explore({ modes: ['net', 'long_short'], every }, (result) => {
    done += 1;
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += result[key];
    for (const finding of result.findings) {
      console.error(
        `${result.mode}, effect ${result.at} (${result.effects[result.at - 1] ?? '?'}), ${result.kind}: ${finding}`,
      );
    }
    if (done % 100 === 0) console.error(`${done} runs, ${Math.round((Date.now() - started) / 1000)} s`);
  });
  const summary = { runs, effects, ...totals };
  console.log(`${runs} runs over ${effects} effects in ${Math.round((Date.now() - started) / 1000)} s`);
  console.log(
    values.json
      ? JSON.stringify(summary)
      : Object.entries(totals)
          .map(([key, count]) => `${key} ${count}`)
          .join(', '),
  );
  process.exitCode = Object.values(totals).some((count) => count > 0) ? 1 : 0;
} finally {
  await stopServices();
}
process.exit();
