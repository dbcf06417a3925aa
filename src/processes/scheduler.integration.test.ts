import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cipher } from '@/platform/cipher';
import { connectDatabase, type Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { sealChannelConfig } from '@/services/notifications/channel-config';
import { insertOutbox } from '@/services/notifications/outbox';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { type DingTalkRobot, startDingTalkRobot } from '@/testing/dingtalk-robot';
import { createTestDatabase, type TestDatabase } from '@/testing/services';

const MASTER_KEY = randomBytes(32).toString('base64');
const TOKEN = 'canary-token-0a1b2c3d4e';
const SECRET = 'SECcanary9f8e7d6c5b4a';

let testDatabase: TestDatabase;
let database: Database;
let simulator: Simulator;
let robot: DingTalkRobot;
let tenantId: string;

type Line = { readonly msg?: string; readonly port?: number };
type Running = { readonly child: ChildProcess; readonly lines: Line[]; output: string };
const started: Running[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
  simulator = await startSimulator({ walk: false, rateLimits: false });
  robot = await startDingTalkRobot({ token: TOKEN, secret: SECRET });
  tenantId = newId();
  const cipher = new Cipher(MASTER_KEY);
  const wrappedKey = cipher.newWrappedKey(tenantId);
  await database.system.tenant.create({ data: { id: tenantId, name: 'T', slug: tenantId, wrappedKey } });
  const id = newId();
  const configSealed = sealChannelConfig(cipher.forTenant({ id: tenantId, wrappedKey }), id, robot);
  await database.system.notificationChannel.create({
    data: { id, tenantId, kind: 'dingtalk', name: 'G', locale: 'en', configSealed },
  });
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await robot.close();
  await simulator.stop();
  await database.close();
  await testDatabase.drop();
});

function startScheduler(): Running {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/processes/scheduler.ts'], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: testDatabase.url,
      DATABASE_CONNECTIONS: '3',
      REDIS_URL: 'redis://127.0.0.1:1',
      SLIPSTREAM_MASTER_KEY: MASTER_KEY,
      NEXTAUTH_SECRET: randomBytes(16).toString('hex'),
      NEXTAUTH_URL: 'http://pages.test',
      SCHEDULER_HEALTH_PORT: '0',
      SIMULATOR_REST_URL: simulator.rest,
      SIMULATOR_WS_URL: simulator.ws,
      ALLOW_PRIVATE_ADDRESSES: 'true',
      LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running: Running = { child, lines: [], output: '' };
  createInterface({ input: child.stdout }).on('line', (line) => {
    running.output += line;
    if (line.startsWith('{')) running.lines.push(JSON.parse(line) as Line);
  });
  child.stderr.on('data', (chunk) => {
    running.output += String(chunk);
  });
  started.push(running);
  return running;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!(await holds())) {
    if (Date.now() > deadline)
      throw new Error(`Still waiting for: ${what}\n${started.map((s) => s.output).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const says = (running: Running, message: string): boolean => running.lines.some((line) => line.msg === message);

function queue(code: string): Promise<number> {
  const account = { accountId: newId(), customerName: 'C', label: 'A', venue: 'okx' };
  const payload = { ...account, mode: 'demo', health: 'failing', at: 0 } as const;
  return database.system.$transaction((tx) =>
    insertOutbox(
      tx,
      tenantId,
      [
        {
          event: 'account_failing',
          audience: { kind: 'tenant' },
          dedupeKey: code,
          payload: { ...payload, code },
        },
      ],
      Date.now(),
    ),
  );
}

describe('the scheduler', () => {
  it('works alone of two, tells everything once, and is replaced when it is killed', async () => {
    const both = [startScheduler(), startScheduler()] as const;
    await until('two schedulers', () => both.every((one) => says(one, 'scheduler is ready')));
    await until('one that works', () => both.some((one) => says(one, 'this scheduler works')));
    await until('one that stands by', () =>
      both.some((one) => says(one, 'another scheduler works, this one stands by')),
    );
    const [worker, standby] = says(both[0], 'this scheduler works') ? both : [both[1], both[0]];

    await until('instruments', async () => (await database.system.instrument.count({ where: { tradable: true } })) > 0);
    expect(await database.system.instrument.findUnique({ where: { id: 'okx:BTC-USDT-SWAP' } })).toMatchObject({
      tradable: true,
      baseCurrency: 'BTC',
    });

    await queue('FIRST');
    await until('the first message', () => robot.messages.length === 1);

    worker.child.kill('SIGKILL');
    await queue('SECOND');
    await until('the second message', () => robot.messages.length === 2);
    expect(robot.messages.map((message) => /FIRST|SECOND/.exec(message.text)?.[0])).toEqual(['FIRST', 'SECOND']);
    expect(robot.messages[0]?.text).toContain('](http://pages.test/admin/accounts)');
    expect(robot.requests).toBe(2);
    expect(says(standby, 'this scheduler works')).toBe(true);

    const port = standby.lines.find((line) => line.msg === 'scheduler is ready')?.port;
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ success: true, data: { checks: { database: { ok: true } } } });

    standby.child.kill('SIGTERM');
    const [code] = (await once(standby.child, 'exit')) as [number | null];
    expect(code).toBe(0);
    for (const { output } of both) {
      for (const secret of [TOKEN, SECRET, MASTER_KEY]) expect(output).not.toContain(secret);
    }
  }, 60_000);
});
