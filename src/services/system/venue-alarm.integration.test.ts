import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BreakerView } from '@/exchanges/port';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';
import { VenueAlarm } from './venue-alarm';

let stage: Stage;
let idle: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  idle = await stage.beside();
  await stage.addFollowers([{}, {}]);
  for (const { db, tenantId } of [stage, idle]) {
    await db.notificationChannel.create({
      data: { id: newId(), tenantId, name: 'Operators', kind: 'dingtalk', configSealed: '-' },
    });
  }
});
afterAll(async () => {
  await idle.close();
  await stage.close();
});

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const GONE: BreakerView = {
  venue: 'okx',
  mode: 'simulated',
  state: 'open',
  since: NOW,
  failures: 5,
  lastFailure: 'connect',
  lastFailureAt: NOW,
  nextProbeAt: NOW + 500,
};
const BACK: BreakerView = { ...GONE, state: 'closed', since: NOW + 30_000, failures: 0, nextProbeAt: null };

async function told(of: Stage): Promise<unknown[]> {
  const rows = await of.db.notification.findMany({ orderBy: { id: 'asc' } });
  return rows.map(({ event, payload }) => [event, (payload as { state: string }).state]);
}

it('tells who trades there, once for all workers, of an outage that lasts, and of its end', async () => {
  const alarm = new VenueAlarm(stage.database);
  const another = new VenueAlarm(stage.database);
  await alarm.look([GONE], NOW + 9_999);
  expect(await told(stage)).toEqual([]);
  await alarm.look([GONE], NOW + 10_000);
  await alarm.look([{ ...GONE, state: 'half_open' }], NOW + 11_000);
  await another.look([{ ...GONE, since: NOW + 300 }], NOW + 11_000);
  expect(await told(stage)).toEqual([['venue_outage', 'gone']]);
  await alarm.look([BACK], NOW + 31_000);
  await another.look([BACK], NOW + 31_000);
  await alarm.look([BACK], NOW + 32_000);
  expect(await told(stage)).toEqual([
    ['venue_outage', 'gone'],
    ['venue_outage', 'back'],
  ]);
  expect(await told(idle)).toEqual([]);
});

it('says nothing of an outage that nobody had the time to notice', async () => {
  const alarm = new VenueAlarm(stage.database);
  const before = await told(stage);
  await alarm.look([{ ...GONE, since: NOW + 3_600_000 }], NOW + 3_605_000);
  await alarm.look([{ ...BACK, since: NOW + 3_606_000 }], NOW + 3_607_000);
  expect(await told(stage)).toEqual(before);
});
