import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator';
import { control, quiet } from '../testing';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ walk: false, log: quiet });
});
afterAll(() => simulator.stop());

it('stays up when a refused stream hangs up at once', async () => {
  await control(simulator, 'faults', { kind: 'stream-refuse', match: { path: '/ws/v5/private' } });
  const { hostname, port } = new URL(simulator.rest);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    const headers =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n';
    socket.write(`GET /ws/v5/private HTTP/1.1\r\nHost: ${hostname}\r\n${headers}\r\n`);
    await once(socket, 'data');
    socket.resetAndDestroy();
    await closed;
  }
  // Vitest fails a file in which an error was left to the process.
  expect((await fetch(`${simulator.control}/health`)).status).toBe(200);
});
