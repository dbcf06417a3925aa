import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import { createEventPublisher } from '@/platform/event-stream';
import { newId } from '@/platform/ids';
import { passwordMark, sealSession } from '@/services/identity/session';
import { sessionCookieName } from '@/services/identity/session-cookie';
import { anyFreePort } from '../../../../scripts/services/ports';
import { type BenchWorld, PREFIX } from '../bench-world';
import { type Figure, figure } from '../figures';
import { dismissTenant, makeTenant, type Tenant } from '../followers';
import { instant } from '../instant';

const BROWSERS = 1000;
const HEARD_WITHIN = 30_000;
const WARM_ROUNDS = 3;
const CALM = 200;

export type PushFigures = {
  readonly browsers: number;
  /** From the publication by a worker until the last browser has read its own message, × a bare WebSocket server. */
  readonly ratio: Figure;
  readonly ms: Figure;
  readonly floorMs: Figure;
  readonly rounds: number;
};

/** A thousand customers' browsers, each in a room of its own, hear of one trade each that a worker publishes in one entry. */
export async function runPush(world: BenchWorld, rounds: number): Promise<PushFigures> {
  const tenant = await makeTenant(world, BROWSERS);
  const cookies = await makeUsers(world, tenant);
  const web = await world.startWeb();
  const raw = world.spawn('raw-push', 'src/testing/bench/push/raw-process.ts');
  const browsers = world.spawn('browsers', 'src/testing/bench/push/browsers-process.ts');
  const events = createEventPublisher<RealtimeMessage>(world.redisUrl, PREFIX, pino({ level: 'silent' }));
  try {
    const port = await anyFreePort();
    await raw.ask('listen', { port });
    const origin = world.web;
    const socketUrl = `${origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    await browsers.ask('connect', { url: socketUrl, origin, cookies, protocol: 'socket.io' });
    const nobody = cookies.map(() => null);
    await browsers.ask('connect', { url: `ws://127.0.0.1:${port}`, origin, cookies: nobody, protocol: 'raw' });

    const measure = async (send: (messages: readonly RealtimeMessage[]) => Promise<unknown>): Promise<number> => {
      const messages = tradesOf(tenant);
      await browsers.ask('expect', { messages: BROWSERS });
      const heard = browsers.ask<number>('heard', { withinMs: HEARD_WITHIN });
      const started = instant();
      await send(messages);
      const ms = (await heard) - started;
      await delay(CALM);
      return ms;
    };
    const product = () => measure((messages) => events.publish(messages));
    const floor = () =>
      measure((messages) => {
        const texts = messages.map(({ event, payload }) => JSON.stringify([event, payload, '1700000000000-0']));
        return raw.ask('send', { texts });
      });
    for (let round = 0; round < WARM_ROUNDS; round += 1) {
      await product();
      await floor();
    }
    const measured: { ms: number; floorMs: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const early = round % 2 === 0 ? await floor() : null;
      const ms = await product();
      measured.push({ ms, floorMs: early ?? (await floor()) });
    }
    return {
      browsers: BROWSERS,
      ratio: figure(measured.map(({ ms, floorMs }) => ms / floorMs)),
      ms: figure(measured.map(({ ms }) => ms)),
      floorMs: figure(measured.map(({ floorMs }) => floorMs)),
      rounds,
    };
  } finally {
    await events.close();
    await Promise.all([web, raw, browsers].map((child) => world.stop(child)));
    // Workers of the next measurements need not keep streams for them.
    await dismissTenant(world, tenant);
  }
}

/** One trade a customer, as a worker tells it. */
function tradesOf(tenant: Tenant): RealtimeMessage[] {
  return tenant.customerIds.map((customerId, index) => ({
    room: customerRoom(customerId),
    event: 'order_filled',
    payload: [
      {
        id: newId(),
        signalId: tenant.id,
        subscriptionId: tenant.subscriptionIds[index] ?? '',
        customerId,
        strategyId: tenant.strategyId,
        symbol: 'BTC-USDT-SWAP',
        leg: 'open',
        side: 'buy',
        status: 'filled',
        code: null,
        quantity: '10.5',
        filledQuantity: '10.5',
        averagePrice: '60000',
      },
    ],
  }));
}

/** A user for each customer; answers the cookies of their sessions. */
async function makeUsers(world: BenchWorld, tenant: Tenant): Promise<readonly string[]> {
  const users = tenant.customerIds.map((customerId) => ({
    id: newId(),
    tenantId: tenant.id,
    customerId,
    role: 'customer' as const,
    email: `${customerId}@example.com`,
    passwordHash: newId(),
  }));
  await world.database.forTenant(tenant.id).user.createMany({ data: users });
  const environment = { NEXTAUTH_SECRET: world.sessionSecret, NEXTAUTH_URL: world.web } as Parameters<
    typeof sealSession
  >[0]['environment'];
  const name = sessionCookieName(world.web);
  return Promise.all(
    users.map(async ({ passwordHash, ...user }) => {
      const sealed = await sealSession(
        { environment },
        { ...user, name: '', passwordMark: passwordMark(passwordHash) },
      );
      return `${name}=${sealed}`;
    }),
  );
}
