import { createHmac } from 'node:crypto';
import { Pool } from 'undici';
import type { Key } from '../followers';
import { instant } from '../instant';
import { serve } from '../serve';

/** The least that any program can do: signs N orders and sends them with undici's `dispatch`. Keeps and decides nothing. */
export type FloorRun = { readonly ms: number; readonly cpuMs: number };

const PATH = '/api/v5/trade/order';
const YIELD_EVERY = 32;
let pool: Pool | null = null;

serve({
  prepare: ({ origin, connections }: { readonly origin: string; readonly connections: number }) => {
    pool = new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: 120_000 });
  },
  run: async ({
    keys,
    clientIds,
  }: {
    readonly keys: readonly Key[];
    readonly clientIds: readonly string[];
  }): Promise<FloorRun> => {
    if (pool === null) throw new Error('Not prepared');
    const used = process.cpuUsage();
    const started = instant();
    const ended = sendAll(pool, keys, clientIds);
    await ended;
    const ms = instant() - started;
    const { user, system } = process.cpuUsage(used);
    return { ms, cpuMs: (user + system) / 1000 };
  },
});

function sendAll(target: Pool, keys: readonly Key[], clientIds: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = keys.length;
    const answered = (): void => {
      open -= 1;
      if (open === 0) resolve();
    };
    void (async () => {
      for (const [index, key] of keys.entries()) {
        send(target, key, clientIds[index] ?? '', answered, reject);
        if (index % YIELD_EVERY === YIELD_EVERY - 1) await new Promise(setImmediate);
      }
    })();
  });
}

function send(target: Pool, key: Key, clientId: string, answered: () => void, failed: (error: Error) => void): void {
  const body = `{"instId":"BTC-USDT-SWAP","tdMode":"cross","clOrdId":"${clientId}","side":"buy","ordType":"market","sz":"10.5"}`;
  const timestamp = new Date().toISOString();
  const signature = createHmac('sha256', key.secret).update(`${timestamp}POST${PATH}${body}`).digest('base64');
  const headers = [
    'content-type',
    'application/json',
    'user-agent',
    'floor',
    'OK-ACCESS-KEY',
    key.apiKey,
    'OK-ACCESS-SIGN',
    signature,
    'OK-ACCESS-TIMESTAMP',
    timestamp,
    'OK-ACCESS-PASSPHRASE',
    key.passphrase,
    'x-simulated-trading',
    '1',
    'expTime',
    String(Date.now() + 5000),
  ];
  let text = '';
  target.dispatch(
    { path: PATH, method: 'POST', headers, body },
    {
      onRequestStart: () => undefined,
      onResponseData: (_controller, chunk) => {
        text += chunk.toString();
      },
      onResponseEnd: () => {
        if (text.includes('"sCode":"0"')) answered();
        else failed(new Error(`The venue did not accept: ${text.slice(0, 200)}`));
      },
      onResponseError: (_controller, error) => failed(error),
    },
  );
}
