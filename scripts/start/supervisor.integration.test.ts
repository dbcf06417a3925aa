import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { type Guard, startGuard } from '../services/guard';
import { anyFreePort } from '../services/ports';
import { stopLeftoverProcesses } from './leftovers';
import { Supervisor } from './supervisor';

const folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
let guard: Guard;
let supervisor: Supervisor;
let lines: string[];

afterEach(async () => {
  await supervisor.stop();
  guard.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function supervise(): void {
  guard = startGuard();
  lines = [];
  supervisor = new Supervisor({
    env: { ...process.env, SLIPSTREAM_INSTANCE: 'ours' },
    instance: 'ours',
    logDirectory: join(folder, 'logs'),
    pidDirectory: join(folder, 'pids'),
    guard,
    width: 5,
    print: (line) => lines.push(line),
  });
}

/** A process that answers on its port, says there whose it is and its number, and says good-bye. */
async function server(name: string, port: number): Promise<{ name: string; script: string; healthUrl: string }> {
  const script = join(folder, `${name}.mjs`);
  writeFileSync(
    script,
    `import { createServer } from 'node:http';
     const who = { instance: process.env.SLIPSTREAM_INSTANCE, pid: process.pid };
     createServer((_, answer) => answer.end(JSON.stringify(who))).listen(${port}, '127.0.0.1');
     console.log(JSON.stringify({ level: 30, time: 0, msg: '${name} starts' }));
     process.on('SIGTERM', () => { console.log('${name} stops'); process.exit(0); });`,
  );
  return { name, script, healthUrl: `http://127.0.0.1:${port}/` };
}

const ask = async (url: string) => ((await (await fetch(url)).json()) as { pid: number }).pid;

it('starts a process again after it has crashed', async () => {
  supervise();
  const spec = await server('one', await anyFreePort());
  await supervisor.start(spec);
  const first = await ask(spec.healthUrl);
  process.kill(first, 'SIGKILL');
  await vi.waitFor(async () => expect(await ask(spec.healthUrl)).not.toBe(first), { timeout: 15_000, interval: 50 });
  expect(lines.some((line) => line.includes('ended (SIGKILL)'))).toBe(true);
});

it('stops in the reverse order and keeps the raw lines in files', async () => {
  supervise();
  await supervisor.start(await server('two', await anyFreePort()));
  await supervisor.start(await server('three', await anyFreePort()));
  await supervisor.stop();
  const stops = lines.filter((line) => line.endsWith('stops'));
  expect(stops).toEqual(['three │ three stops', 'two   │ two stops']);
  expect(readFileSync(join(folder, 'logs', 'two.log'), 'utf8')).toContain('{"level":30,"time":0,"msg":"two starts"}');
});

it('gives up on a process that crashes at its start again and again', async () => {
  supervise();
  const script = join(folder, 'broken.mjs');
  writeFileSync(script, 'process.exit(3);');
  const healthUrl = `http://127.0.0.1:${await anyFreePort()}/`;
  await expect(supervisor.start({ name: 'bad', script, healthUrl })).rejects.toThrow('bad crashes at its start');
  expect(lines[0]).toContain('ended (code 3); it is started again in 0.5 s');
});

it("does not take another start's process for its own, and names it", async () => {
  supervise();
  const port = await anyFreePort();
  const { script, healthUrl } = await server('theirs', port);
  const stranger = spawn(process.execPath, [script], { env: { ...process.env, SLIPSTREAM_INSTANCE: 'theirs' } });
  try {
    await vi.waitFor(() => ask(healthUrl), { timeout: 15_000, interval: 50 });
    await expect(supervisor.start(await server('ours', port))).rejects.toThrow(
      `ours cannot listen on port ${port}: process ${stranger.pid} (`,
    );
  } finally {
    stranger.kill('SIGKILL');
  }
});

it('notes the processes that run, so that a start after a crash can stop them', async () => {
  supervise();
  const spec = await server('four', await anyFreePort());
  await supervisor.start(spec);
  const pid = await ask(spec.healthUrl);
  // As if supervisor and guard had been killed at once.
  await stopLeftoverProcesses(join(folder, 'pids'));
  expect(() => process.kill(pid, 0)).toThrow();
});
