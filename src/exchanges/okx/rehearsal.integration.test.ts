import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { marketOrder } from '@/exchanges/contract-suite';
import { Credentials } from '@/exchanges/port';
import { createLogger } from '@/platform/log';
import { openOkxRehearsal } from './rehearsal';

it('a rehearsal takes orders in this process alone, and leaves nothing open', async () => {
  const peers: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const hear = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    sockets.add(socket);
    socket.once('connect', () => peers.push(socket.remoteAddress));
  };
  channel('net.client.socket').subscribe(hear);
  try {
    const rehearsal = await openOkxRehearsal(createLogger('test', 'silent'));
    const account = { accountId: 'a', mode: 'simulated', credentials: new Credentials('k', 's', 'p') } as const;
    const placed = Array.from({ length: 10 }, () =>
      rehearsal.venue.placer.place(account, marketOrder('BTC-USDT-SWAP')),
    );
    expect(new Set((await Promise.all(placed)).map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(await rehearsal.venue.market('simulated').getTime()).toBeGreaterThan(0);
    await rehearsal.close();
  } finally {
    channel('net.client.socket').unsubscribe(hear);
  }
  expect(peers.length).toBeGreaterThan(0);
  expect(new Set(peers)).toEqual(new Set(['127.0.0.1']));
  await vi.waitFor(() => expect([...sockets].filter((socket) => !socket.destroyed)).toEqual([]));
});
