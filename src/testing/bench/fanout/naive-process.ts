import Bull from 'bull';
import { createPool, type Pool } from 'mariadb';
import { RestClient } from 'okx-api';
import { newId } from '@/platform/ids';
import type { Key } from '../followers';
import { instant } from '../instant';
import { serve } from '../serve';

/**
 * The way it is usually built: a job of the queue and an SDK client for each customer, a row inserted before the order and updated
 * after it, one by one. Jobs run 50 at a time.
 */
export type NaiveRun = {
  /** From the signal to the last answer, and to the last row, ms. */
  readonly ackMs: number;
  readonly persistedMs: number;
  readonly cpuMs: number;
};

type Prepare = {
  readonly origin: string;
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  readonly keys: readonly Key[];
};

const AT_ONCE = 50;
let queue: Bull.Queue<{ index: number }> | null = null;
let rows: Pool | null = null;
let keys: readonly Key[] = [];
let origin = '';
let open = 0;
let lastAckAt = 0;
let done = (): void => undefined;
let failed = (_error: Error): void => undefined;

serve({
  prepare: async (prepare: Prepare) => {
    const url = new URL(prepare.mysqlUrl);
    ({ keys, origin } = prepare);
    rows ??= createPool({
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      password: url.password,
      database: url.pathname.slice(1),
      connectionLimit: 10,
    });
    await rows.query(
      `CREATE TABLE IF NOT EXISTS NaiveOrder (id CHAR(32) PRIMARY KEY, customer INT NOT NULL, status VARCHAR(20) NOT NULL,
        side VARCHAR(4) NOT NULL, quantity DECIMAL(36,18) NOT NULL, venueOrderId VARCHAR(64), createdAt DATETIME(3) NOT NULL,
        ackedAt DATETIME(3), INDEX (customer, createdAt), INDEX (status, createdAt))`,
    );
    if (queue !== null) return;
    queue = new Bull('naive', prepare.redisUrl);
    queue.process(AT_ONCE, async (job) => copy(job.data.index)).catch((error: Error) => failed(error));
    queue.on('failed', (_job, error) => failed(error));
    await queue.isReady();
  },
  run: async (): Promise<NaiveRun> => {
    const jobs = queue;
    if (jobs === null) throw new Error('Not prepared');
    const used = process.cpuUsage();
    const started = instant();
    open = keys.length;
    const ended = new Promise<void>((resolve, reject) => {
      done = resolve;
      failed = reject;
    });
    await Promise.all(keys.map((_, index) => jobs.add({ index }, { removeOnComplete: true, removeOnFail: true })));
    await ended;
    const persistedMs = instant() - started;
    const { user, system } = process.cpuUsage(used);
    return { ackMs: lastAckAt - started, persistedMs, cpuMs: (user + system) / 1000 };
  },
});

async function copy(index: number): Promise<void> {
  const key = keys[index];
  if (key === undefined || rows === null) throw new Error('Not prepared');
  const id = newId();
  await rows.query(
    "INSERT INTO NaiveOrder (id, customer, status, side, quantity, createdAt) VALUES (?, ?, 'planned', 'buy', '10.5', ?)",
    [id, index, new Date()],
  );
  const client = new RestClient({
    apiKey: key.apiKey,
    apiSecret: key.secret,
    apiPass: key.passphrase,
    baseUrl: origin,
    demoTrading: true,
  });
  const [answer] = await client.submitOrder({
    instId: 'BTC-USDT-SWAP',
    tdMode: 'cross',
    clOrdId: id,
    side: 'buy',
    ordType: 'market',
    sz: '10.5',
  });
  lastAckAt = instant();
  await rows.query("UPDATE NaiveOrder SET status = 'live', venueOrderId = ?, ackedAt = ? WHERE id = ?", [
    answer?.ordId ?? null,
    new Date(),
    id,
  ]);
  open -= 1;
  if (open === 0) done();
}
