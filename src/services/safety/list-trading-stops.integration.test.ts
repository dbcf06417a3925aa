import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestTenant } from '@/testing/api/rows';
import { PLATFORM_ROW } from './kill-switch-board';

let harness: ApiHarness;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['First', 'Second']);
  other = await createTenant(harness, 'Foreign', ['Far']);
});
afterAll(() => harness.close());
beforeEach(async () => {
  const off = { data: { killSwitch: 'none' as const, killSwitchAt: null } };
  const { system } = harness.database;
  await Promise.all([
    system.platform.updateMany(off),
    system.tenant.updateMany(off),
    system.strategy.updateMany(off),
    system.customer.updateMany(off),
  ]);
});

const first = () => tenant.followers[0] as TestTenant['followers'][number];
const at = (minute: number) => new Date(Date.UTC(2026, 4, 8, 6, minute));
const thrown = (killSwitch: 'halt' | 'reduce_only' | 'flatten', minute: number) => ({
  killSwitch,
  killSwitchAt: at(minute),
});
const stops = async (as = first().token) => (await harness.call('listTradingStops', { as })).data.items;

describe('what is held back for a customer', () => {
  it('is nothing while no switch is on', async () => {
    expect(await stops()).toEqual([]);
  });

  it.each(['platform', 'tenant', 'customer'] as const)('is everything under the switch of the %s', async (scope) => {
    const { system } = harness.database;
    const data = thrown('halt', 1);
    if (scope === 'platform') {
      await system.platform.upsert({
        where: { id: PLATFORM_ROW },
        create: { id: PLATFORM_ROW, ...data },
        update: data,
      });
    } else if (scope === 'tenant') await system.tenant.update({ where: { id: tenant.id }, data });
    else await system.customer.update({ where: { id: first().customerId }, data });
    expect(await stops()).toEqual([{ strategy: null, level: 'halt', since: at(1).toISOString() }]);
  });

  it('is a strategy under its own switch, for those who follow it or hold something of it', async () => {
    const { system } = harness.database;
    const strategy = await system.strategy.update({
      where: { id: tenant.strategyId },
      data: thrown('reduce_only', 2),
    });
    const stop = {
      strategy: { id: strategy.id, name: strategy.name },
      level: 'reduce_only',
      since: at(2).toISOString(),
    };
    expect(await stops()).toEqual([stop]);
    await system.subscription.updateMany({ where: { customerId: first().customerId }, data: { status: 'ended' } });
    expect(await stops()).toEqual([stop]);
    await system.position.updateMany({ where: { customerId: first().customerId }, data: { quantity: 0 } });
    expect(await stops()).toEqual([]);
  });

  it('names the hardest switch over each, since its beginning, and a strategy only where it is held back harder', async () => {
    const { system } = harness.database;
    const second = tenant.followers[1] as TestTenant['followers'][number];
    await system.tenant.update({ where: { id: tenant.id }, data: thrown('flatten', 5) });
    await system.customer.update({ where: { id: second.customerId }, data: thrown('flatten', 3) });
    await system.strategy.update({ where: { id: tenant.strategyId }, data: thrown('reduce_only', 1) });
    expect(await stops(second.token)).toEqual([{ strategy: null, level: 'flatten', since: at(3).toISOString() }]);
    await system.strategy.update({ where: { id: tenant.strategyId }, data: thrown('halt', 6) });
    expect(await stops(second.token)).toMatchObject([
      { strategy: null, level: 'flatten' },
      { strategy: { id: tenant.strategyId }, level: 'halt', since: at(6).toISOString() },
    ]);
  });

  it('says nothing of switches that are other people’s', async () => {
    const { system } = harness.database;
    await system.tenant.update({ where: { id: other.id }, data: thrown('halt', 1) });
    await system.strategy.update({ where: { id: other.strategyId }, data: thrown('halt', 1) });
    await system.customer.update({
      where: { id: (tenant.followers[1] as TestTenant['followers'][number]).customerId },
      data: thrown('halt', 1),
    });
    expect(await stops()).toEqual([]);
  });
});
