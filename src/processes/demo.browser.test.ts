import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createConnection } from 'mariadb';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceiptView, SignalView } from '@/contracts/api/copying';
import type { Envelope } from '@/contracts/envelope';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import { launchBrowser, logIn, openWindow, PHONE, screenshot } from '@/testing/browser/browser';
import { type RunningDemo, startDemo } from '@/testing/services';

const CANARY = { apiKey: 'canary-key-7f3a91', secret: 'canary-secret-52bd0c', passphrase: 'canary-phrase-e81f6d' };
const SECRETS = Object.values(CANARY);

type VenueOrder = {
  account: string;
  instId: string;
  clOrdId: string;
  state: string;
  side: string;
  sz: string;
  fillSz: string;
};

/** What a new user does on the first evening, on the whole service as `npm start` runs it. */
describe('the demo', () => {
  let demo: RunningDemo;
  let browser: Browser;
  let admin: Page;
  let openId = '';

  beforeAll(async () => {
    demo = await startDemo({ name: 'browser' });
    browser = await launchBrowser();
    admin = await (await openWindow(browser, demo.run.web)).newPage();
    await logIn(admin, login('admin'));
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  function login(role: string) {
    const found = demo.run.logins.find((one) => one.role === role);
    if (found === undefined) throw new Error(`No log-in for ${role}`);
    return found;
  }
  async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = { Authorization: `Bearer ${demo.run.apiToken}`, 'Content-Type': 'application/json' };
    const response = await fetch(new URL(`/api/v1/${path}`, demo.run.web), { ...init, headers });
    const envelope = (await response.json()) as Envelope<T>;
    if (!envelope.success) throw new Error(`${path}: ${envelope.error.code} ${envelope.error.message}`);
    return envelope.data;
  }
  async function orders(): Promise<readonly VenueOrder[]> {
    const response = await fetch(`${demo.run.simulator.control}/orders`);
    return ((await response.json()) as { orders: VenueOrder[] }).orders;
  }
  async function post(body: string, strategy = 'BTC Trend') {
    const hook = demo.run.webhooks.find((one) => one.strategy === strategy);
    if (hook === undefined) throw new Error(`No webhook for ${strategy}`);
    const response = await fetch(hook.url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
    return { status: response.status, body: (await response.json()) as Envelope<{ signalId: string }> };
  }
  async function send(body: string, strategy?: string): Promise<string> {
    const answer = await post(body, strategy);
    expect(answer.status).toBe(202);
    if (!answer.body.success) throw new Error('refused');
    return answer.body.data.signalId;
  }
  function example(id: string, strategy = 'BTC Trend'): string {
    const hook = demo.run.webhooks.find((one) => one.strategy === strategy);
    return (hook?.example ?? '').replace('{{id}}', id).replace('{{timestamp}}', new Date().toISOString());
  }
  async function until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const seen = await look();
      if (seen !== null) return seen;
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const done = (signalId: string): Promise<SignalView> =>
    until(async () => {
      const signal = await api<SignalView>(`signals/${signalId}`);
      return signal.status === 'done' ? signal : null;
    }, 'the signal to be done');
  async function receipts(signalId: string): Promise<ReceiptView[]> {
    return (await api<{ items: ReceiptView[] }>(`signals/${signalId}/receipts?limit=1000`)).items;
  }

  it('copies a signal to a hundred followers, live in the browser', async () => {
    await admin.goto('/admin/signals');
    openId = await send(example('first'));
    // The row appears by itself: nothing is reloaded.
    await admin.locator(`a[href*="${openId}"]`).first().click();
    await admin.getByTestId('count-filled').filter({ hasText: /^100$/ }).waitFor({ timeout: 30_000 });
    await screenshot(admin, 'demo-signal-desktop-en');
    const signal = await done(openId);
    expect(signal.counts).toEqual({ total: 100, filled: 100, partial: 0, open: 0, denied: 0, rejected: 0, unknown: 0 });
  });

  it('places every order exactly once, each with the size of its follower', async () => {
    const placed = (await orders()).filter((order) => order.instId === 'BTC-USDT-SWAP');
    expect(placed).toHaveLength(100);
    expect(new Set(placed.map((order) => order.account)).size).toBe(100);
    expect(placed.every((order) => order.state === 'filled' && order.fillSz === order.sz)).toBe(true);
    const all = await receipts(openId);
    expect(all).toHaveLength(100);
    const subscriptions = await api<{ items: { id: string; followRatio: string }[] }>(
      `subscriptions?limit=200&strategyId=${all[0]?.strategyId}`,
    );
    expect(subscriptions.items).toHaveLength(100);
    const bySubscription = new Map(all.map((receipt) => [receipt.subscriptionId, receipt]));
    const byClientId = new Map(placed.map((order) => [order.clOrdId, order]));
    for (const { id, followRatio } of subscriptions.items) {
      const trade = bySubscription.get(id)?.trades[0];
      if (trade === undefined) throw new Error(`No receipt for ${id}`);
      // 1 BTC × ratio, in contracts of 0.01 BTC: computed here from the ratio alone.
      const contracts = (Math.round(Number(followRatio) * 1e6) * 100) / 1e6;
      expect(Number(byClientId.get(trade.clientOrderId)?.sz)).toBeCloseTo(contracts, 9);
    }
  });

  it('gives each follower a complete receipt', async () => {
    for (const receipt of await receipts(openId)) {
      const [trade] = receipt.trades;
      expect(receipt.state).toBe('filled');
      expect(trade?.arithmetic.length).toBeGreaterThan(0);
      expect(trade?.checks.length).toBeGreaterThan(5);
      expect(trade?.fills.length).toBeGreaterThan(0);
      expect(trade?.latencyMs).toBeGreaterThan(0);
    }
  });

  it('changes nothing when the same signal is sent again', async () => {
    const before = (await orders()).length;
    const again = await post(example('first'));
    expect(again.status).toBe(200);
    expect(again.body).toEqual({ success: true, data: { signalId: openId } });
    expect((await orders()).length).toBe(before);
  });

  it('closes what the leader closes: half, then all', async () => {
    const close = (id: string, quantity: object | null) =>
      JSON.stringify({
        version: 1,
        id,
        timestamp: new Date().toISOString(),
        instrument: 'BTC-USDT-SWAP',
        action: 'close',
        side: 'long',
        orderType: 'market',
        ...(quantity === null ? {} : { quantity }),
      });
    const held = async () => {
      const sums = new Map<string, number>();
      for (const { account, instId, side, fillSz } of await orders()) {
        if (instId !== 'BTC-USDT-SWAP') continue;
        sums.set(account, (sums.get(account) ?? 0) + (side === 'buy' ? 1 : -1) * Number(fillSz));
      }
      return [...sums.values()];
    };
    const whole = await held();
    await done(await send(close('half', { unit: 'percent_position', value: '50' })));
    const half = await held();
    expect(half).toHaveLength(100);
    half.forEach((left, index) => {
      // Half, cut to the lot of 0.01 contracts.
      expect(left - (whole[index] ?? 0) / 2).toBeGreaterThanOrEqual(-1e-9);
      expect(left - (whole[index] ?? 0) / 2).toBeLessThan(0.01);
    });
    await done(await send(close('all', null)));
    for (const left of await held()) expect(left).toBeCloseTo(0, 9);
  });

  it('reads every other format', async () => {
    for (const { strategy } of demo.run.webhooks.slice(1)) {
      const signal = await done(await send(example(`format-${strategy}`, strategy), strategy));
      expect(signal.counts).toMatchObject({ total: 100, filled: 100 });
    }
  });

  it('tells the DingTalk groups', async () => {
    const messages = await until(async () => {
      const response = await fetch(`${demo.run.simulator.control}/dingtalk`);
      const { messages: received } = (await response.json()) as { messages: unknown[] };
      return JSON.stringify(received).includes('100/100') ? received : null;
    }, 'a message about the signal');
    expect(JSON.stringify(messages)).toContain(openId);
  });

  it("keeps a customer's key nowhere in clear", async () => {
    const page = await (await openWindow(browser, demo.run.web)).newPage();
    await logIn(page, login('customer'));
    const answers: string[] = [];
    page.on('response', async (response) => {
      answers.push(await response.text().catch(() => ''));
    });
    const created = await page.evaluate(async (key) => {
      const response = await fetch('/api/v1/exchange-accounts', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ label: 'Canary', mode: 'simulated', ...key }),
      });
      return { status: response.status, body: await response.text() };
    }, CANARY);
    expect(created.status).toBe(201);
    answers.push(created.body);
    await page.goto('/portal');
    answers.push(await page.content());
    for (const path of ['exchange-accounts', 'audit-log', 'customers']) answers.push(JSON.stringify(await api(path)));

    const places: [string, string][] = [
      ['answers', answers.join('\n')],
      ['MySQL', await dumpDatabase(demo.run.database)],
      ['Redis', await dumpRedis(demo.run.redis)],
      ['terminal', demo.output()],
      ...filesBelow(join(demo.directory, 'logs')).map((file): [string, string] => [file, readFileSync(file, 'latin1')]),
    ];
    for (const [place, text] of places) {
      expect(text.length, place).toBeGreaterThan(0);
      for (const secret of SECRETS) expect(text.includes(secret), `${secret} in ${place}`).toBe(false);
    }
    // The pre-flight ran on it, so the key was really used: the venue does not know it.
    const account = (JSON.parse(created.body) as { data: { id: string } }).data;
    const checked = await until(async () => {
      const view = await api<{ health: string; healthCode: string | null }>(`exchange-accounts/${account.id}`);
      return view.health === 'unchecked' ? null : view;
    }, 'the pre-flight');
    expect(checked.health).toBe('failing');
  });

  it('shows its pages in both languages, on desktop and phone', async () => {
    for (const role of ['admin', 'customer'] as const) {
      for (const locale of ['en', 'zh'] as const) {
        for (const [size, viewport] of [
          ['desktop', undefined],
          ['phone', PHONE],
        ] as const) {
          const context = await openWindow(browser, demo.run.web, { locale, viewport });
          const page = await context.newPage();
          const problems: string[] = [];
          page.on('pageerror', (error) => problems.push(error.message));
          await logIn(page, login(role));
          // Figures have come: no place holder is left.
          await page.waitForFunction(
            () => document.querySelector('h1') && !document.querySelector('.ant-skeleton, .ant-spin-spinning'),
          );
          await screenshot(page, `demo-${role}-${size}-${locale}`);
          expect(problems).toEqual([]);
          await context.close();
        }
      }
    }
  });
});

async function dumpDatabase(url: string): Promise<string> {
  const { connection: address } = parseDatabaseUrl(url);
  const connection = await createConnection(address);
  try {
    const tables = (await connection.query('SHOW TABLES')) as Record<string, string>[];
    const parts: string[] = [];
    for (const row of tables) {
      const [table] = Object.values(row);
      parts.push(
        JSON.stringify(await connection.query(`SELECT * FROM \`${table}\``), (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
      );
    }
    return parts.join('\n');
  } finally {
    await connection.end();
  }
}

async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const parts: string[] = [];
    for (const key of await redis.keys('*')) parts.push(key, (await redis.dumpBuffer(key))?.toString('latin1') ?? '');
    return parts.join('\n');
  } finally {
    redis.disconnect();
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
