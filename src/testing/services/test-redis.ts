import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';

export interface TestRedis {
  /** redis://…/number: a numbered database that no other test file uses at the same time. */
  readonly url: string;
  /** A unique word, for what numbered databases don't separate: channels of publish and subscribe. Also fit for Bull. */
  readonly prefix: string;
  /** Empties this numbered database only. */
  flush(): Promise<void>;
  /** Empties it and hangs up. Call it in `afterAll`. */
  close(): Promise<void>;
}

/** A Redis of its own for one test file, on the server of TEST_REDIS_URL. */
export async function testRedis(): Promise<TestRedis> {
  const serverUrl = process.env.TEST_REDIS_URL;
  if (!serverUrl) throw new Error('TEST_REDIS_URL is not set: run this test in the integration project');
  const url = new URL(serverUrl);
  url.pathname = `/${await nextNumber(serverUrl)}`;
  const client = new Redis(url.href);
  await client.flushdb();
  return {
    url: url.href,
    prefix: `test-${randomBytes(4).toString('hex')}`,
    flush: async () => {
      await client.flushdb();
    },
    close: async () => {
      await client.flushdb();
      await client.quit();
    },
  };
}

/** Database 0 only counts; the files take 1, 2, … in turn. */
async function nextNumber(serverUrl: string): Promise<number> {
  const client = new Redis(serverUrl, { db: 0 });
  try {
    const answer = (await client.config('GET', 'databases')) as string[];
    const databases = Number(answer[1] ?? 16);
    const turn = await client.incr('slipstream-tests:files');
    return 1 + (turn % (databases - 1));
  } finally {
    await client.quit();
  }
}
