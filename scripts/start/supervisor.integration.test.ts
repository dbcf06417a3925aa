import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { type Guard, startGuard } from '../services/guard';
import { anyFreePort } from '../services/ports';
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
    env: process.env,
    logDirectory: join(folder, 'logs'),
    guard,
    width: 5,
    print: (line) => lines.push(line),
  });
}

/** A process that answers on its port, says its number there, and says good-bye. */
async function server(name: string, port: number): Promise<{ name: string; script: string; healthUrl: string }> {
  const script = join(folder, `${name}.mjs`);
  writeFileSync(
    script,
    `import { createServer } from 'node:http';
     createServer((_, answer) => answer.end(String(process.pid))).listen(${port}, '127.0.0.1');
     console.log(JSON.stringify({ level: 30, time: 0, msg: '${name} starts' }));
     process.on('SIGTERM', () => { console.log('${name} stops'); process.exit(0); });`,
  );
  return { name, script, healthUrl: `http://127.0.0.1:${port}/` };
}

const ask = async (url: string) => Number(await (await fetch(url)).text());

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
