import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Simulator } from './simulator';
import { control, type Keys, signed } from './testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BTC = 'BTC-USDT-SWAP';
const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'simulator-process-'));

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the process and waits for the line with its address. */
async function start(): Promise<{ child: ChildProcess; simulator: Simulator }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/processes/simulator.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      LOG_LEVEL: 'info',
      SIMULATOR_PORT: '0',
      SIMULATOR_DATA_DIR: folder,
      SLIPSTREAM_INSTANCE: 'ours',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const address = await new Promise<Omit<Simulator, 'stop'>>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const ready = text.split('\n').find((line) => line.includes('ready at'));
      if (ready) resolve(JSON.parse(ready) as Omit<Simulator, 'stop'>);
    });
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${text}`)));
  });
  return { child, simulator: { ...address, stop: async () => {} } };
}

describe('the simulator process', () => {
  it('dies of a kill fault without forgetting what it accepted, and stops cleanly on SIGTERM', async () => {
    const first = await start();
    expect(await control(first.simulator, 'health')).toMatchObject({ instance: 'ours' });
    const keys = await control<Keys>(first.simulator, 'accounts', { balance: '1000' });
    const match = { path: '/api/v5/trade/order', method: 'POST' };
    await control(first.simulator, 'faults', { kind: 'kill', when: 'after', match });
    const order = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '0.1', clOrdId: 'last1' };
    const died = once(first.child, 'exit');
    await expect(signed(first.simulator, keys, 'POST', 'trade/order', order)).rejects.toThrow();
    expect(await died).toEqual([null, 'SIGKILL']);

    const second = await start();
    const found = await signed(second.simulator, keys, 'GET', `trade/order?instId=${BTC}&clOrdId=last1`);
    expect(found.data[0]).toMatchObject({ state: 'filled', accFillSz: '0.1' });
    const positions = await signed(second.simulator, keys, 'GET', 'account/positions');
    expect(positions.data).toMatchObject([{ pos: '0.1' }]);
    const stopped = once(second.child, 'exit');
    second.child.kill('SIGTERM');
    expect(await stopped).toEqual([0, null]);
  });
});
