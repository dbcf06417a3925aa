import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createLogger } from '@/platform/log';
import { rehearseOkxOrders } from './rehearsal';

it('a rehearsal places orders with this process alone, and leaves nothing open', async () => {
  const peers: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const hear = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    sockets.add(socket);
    socket.once('connect', () => peers.push(socket.remoteAddress));
  };
  channel('net.client.socket').subscribe(hear);
  try {
    expect(await rehearseOkxOrders(createLogger('test', 'silent'))).toBeGreaterThan(0);
  } finally {
    channel('net.client.socket').unsubscribe(hear);
  }
  expect(peers.length).toBeGreaterThan(0);
  expect(new Set(peers)).toEqual(new Set(['127.0.0.1']));
  expect([...sockets].filter((socket) => !socket.destroyed)).toEqual([]);
});
