import { WebSocket } from 'ws';
import { instant } from '../instant';
import { serve } from '../serve';

/**
 * Many browsers in one process. To the product they speak socket.io's protocol over bare WebSockets, so that reading costs the same
 * for the product and for its floor.
 */
type Connect = {
  readonly url: string;
  readonly origin: string;
  /** One browser each; the floor's have none. */
  readonly cookies: readonly (string | null)[];
  readonly protocol: 'socket.io' | 'raw';
};

const AT_ONCE = 25;
let heard = 0;
let expected = Number.POSITIVE_INFINITY;
let complete = (): void => undefined;

function count(): void {
  heard += 1;
  if (heard === expected) complete();
}

function open({ url, origin, protocol }: Connect, cookie: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = cookie === null ? {} : { cookie };
    const socket = new WebSocket(url, { origin, headers, perMessageDeflate: false });
    socket.once('error', reject);
    if (protocol === 'raw') {
      socket.once('open', () => resolve());
      socket.on('message', count);
      return;
    }
    socket.on('message', (raw) => {
      const text = String(raw);
      // Engine.IO: 0 open, 2 ping, 4 message; in a message, 0 connected, 2 event, 4 refused.
      if (text.startsWith('0')) socket.send('40');
      else if (text === '2') socket.send('3');
      else if (text.startsWith('44')) reject(new Error(`Refused: ${text}`));
      else if (text.startsWith('42["resync"')) resolve();
      else if (text.startsWith('42')) count();
    });
  });
}

serve({
  connect: async (connect: Connect) => {
    for (let start = 0; start < connect.cookies.length; start += AT_ONCE) {
      await Promise.all(connect.cookies.slice(start, start + AT_ONCE).map((cookie) => open(connect, cookie)));
    }
  },
  expect: (wanted: { readonly messages: number }) => {
    heard = 0;
    expected = wanted.messages;
  },
  /** The instant at which the last of the expected messages was read. */
  heard: ({ withinMs }: { readonly withinMs: number }) =>
    new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${heard} of ${expected} messages came`)), withinMs);
      complete = () => {
        clearTimeout(timer);
        resolve(instant());
      };
      if (heard >= expected) complete();
    }),
});
