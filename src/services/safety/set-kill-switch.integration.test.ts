import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createExit, createTenant, type TestTenant } from '@/testing/api/rows';

let harness: ApiHarness;
let home: TestTenant;
let abroad: TestTenant;

beforeAll(async () => {
  harness = await createApiHarness();
  home = await createTenant(harness, 'Home', ['Own']);
  abroad = await createTenant(harness, 'Foreign', ['Foreigner']);
});
afterAll(() => harness.close());

const put = (body: object, as: string = home.tokens.operator) => harness.call('setKillSwitch', { as, body });
const customer = () => ({ scope: 'customer', id: home.followers[0]?.customerId }) as const;
const nameOf = async (id: string | undefined) =>
  (await harness.database.system.customer.findUniqueOrThrow({ where: { id: id ?? '' } })).name;

describe('setting a kill switch', () => {
  it('needs the typed name of what it stops', async () => {
    for (const confirm of ['', 'yes', 'Home']) {
      const { status, error } = await put({ ...customer(), level: 'halt', confirm });
      expect([status, error.code, error.field]).toEqual([400, 'VALIDATION_ERROR', 'confirm']);
    }
    const confirm = await nameOf(customer().id);
    const { status, data } = await put({ ...customer(), level: 'halt', confirm });
    expect(status).toBe(200);
    expect(data).toMatchObject({ scope: 'customer', level: 'halt', name: confirm });
    expect(data.since).not.toBeNull();
  });

  it('is the same through the customer, the strategy and the tenant', async () => {
    const as = home.tokens.admin;
    const params = { id: customer().id ?? '' };
    const without = await harness.call('updateCustomer', { as, params, body: { killSwitch: 'none' } });
    expect([without.status, without.error.field]).toEqual([400, 'confirm']);
    const confirm = await nameOf(params.id);
    const released = await harness.call('updateCustomer', { as, params, body: { killSwitch: 'none', confirm } });
    expect(released.data.killSwitch).toBe('none');
    // A level that stands already is no change.
    const same = await harness.call('updateCustomer', { as, params, body: { killSwitch: 'none', note: 'x' } });
    expect(same.status).toBe(200);

    const strategy = await harness.call('updateStrategy', {
      as,
      params: { id: home.strategyId },
      body: { killSwitch: 'halt', description: 'not written' },
    });
    expect(strategy.error.field).toBe('confirm');
    const row = await harness.database.system.strategy.findUniqueOrThrow({ where: { id: home.strategyId } });
    expect([row.killSwitch, row.description]).not.toContain('not written');
    expect((await harness.call('updateTenant', { as, body: { killSwitch: 'halt' } })).error.field).toBe('confirm');
  });

  it('is noted, told and pushed together', async () => {
    const channel = await harness.database.system.notificationChannel.findFirst({
      where: { tenantId: home.id, customerId: null },
    });
    if (channel === null) {
      const row = { id: newId(), tenantId: home.id, kind: 'dingtalk', name: 'Ops', configSealed: 'sealed' };
      await harness.database.system.notificationChannel.create({ data: row });
    }
    const heard: string[] = [];
    const { redis, environment } = harness.context;
    const listener = redis.duplicate();
    listener.on('message', (name) => heard.push(name));
    await listener.subscribe(`${environment.REDIS_PREFIX}:kill-switch`);
    const body = { scope: 'tenant', level: 'reduce_only', confirm: 'Home tenant' };
    expect((await put(body)).status).toBe(403);
    expect((await put(body, home.tokens.admin)).data.level).toBe('reduce_only');
    await expect.poll(() => heard.length).toBe(1);
    listener.disconnect();

    const { system } = harness.database;
    const note = await system.auditLog.findFirst({ where: { tenantId: home.id }, orderBy: { sequence: 'desc' } });
    expect(note).toMatchObject({ action: 'kill_switch.set', detail: { level: 'reduce_only', previous: 'none' } });
    const told = await system.notification.findMany({ where: { tenantId: home.id, event: 'kill_switch' } });
    expect(told.map((row) => (row.payload as { scope: string }).scope)).toContain('tenant');
    const [entry] = await redis.xrevrange(`${environment.REDIS_PREFIX}:events`, '+', '-', 'COUNT', 1);
    expect(entry?.[1][1]).toContain('kill_switch_update');
  });

  it('reaches nothing of another tenant', async () => {
    const id = abroad.followers[0]?.customerId;
    const { status } = await put({ scope: 'customer', id, level: 'halt', confirm: await nameOf(id) });
    expect(status).toBe(404);
    const platform = await put({ scope: 'platform', level: 'halt', confirm: 'platform' }, home.tokens.admin);
    expect(platform.status).toBe(400);
  });
});

describe('the list of kill switches', () => {
  it("shows the platform's, the tenant's and those that are on, and what flatten has still to close", async () => {
    const confirm = await nameOf(customer().id);
    await put({ ...customer(), level: 'flatten', confirm });
    await harness.database.system.platform.create({
      data: { id: 1, killSwitch: 'reduce_only', killSwitchAt: new Date() },
    });
    const { data } = await harness.call('getKillSwitches', { as: home.tokens.operator });
    expect(data.platform.level).toBe('reduce_only');
    expect(data.tenant.level).toBe('reduce_only');
    expect(data.others.map(({ scope, level, name }) => [scope, level, name])).toEqual([
      ['customer', 'flatten', confirm],
    ]);
    expect(data.toFlatten).toBe(1);
    const other = await harness.call('getKillSwitches', { as: abroad.tokens.operator });
    expect([other.data.tenant.level, other.data.others, other.data.toFlatten]).toEqual(['none', [], 0]);
  });
});

describe('a switch at flatten', () => {
  it('tells how many positions it found and closed, and why others could not be closed', async () => {
    const tenant = await createTenant(harness, 'Flat', [
      'Closed',
      'Before',
      'Refused',
      'Alike',
      'Halted',
      'New',
      'Busy',
    ]);
    const [closed, before, refused, alike, halted, fresh, busy] = tenant.followers;
    const as = tenant.tokens.admin;
    const system = harness.database.system;
    await system.platform.deleteMany();
    // What had ended before the switch was thrown is not its doing.
    await createExit(harness, tenant, before, { dueFor: 90_000, doneFor: 60_000 });
    await harness.call('setKillSwitch', { as, body: { scope: 'tenant', level: 'flatten', confirm: 'Flat tenant' } });
    await createExit(harness, tenant, closed, { cause: 'flatten', dueFor: 1_000, doneFor: -1_000 });
    await createExit(harness, tenant, refused, { cause: 'flatten', code: '51022', message: 'Instrument suspended' });
    await createExit(harness, tenant, alike, { cause: 'flatten', code: '51022' });
    await createExit(harness, tenant, halted, { cause: 'flatten', obstacle: 'KILL_SWITCH', code: '51022' });
    await createExit(harness, tenant, busy, { cause: 'flatten', signalId: tenant.signalId });
    // It was due for another reason, ended, and a worker has still to take up what is held now.
    await createExit(harness, tenant, fresh, { doneFor: 90_000, lapsed: true });
    await system.customer.updateMany({ where: { id: halted?.customerId }, data: { killSwitch: 'halt' } });
    const { data } = await harness.call('getKillSwitches', { as });
    expect(data.tenant.flatten).toEqual({
      found: 6,
      closed: 1,
      open: 5,
      reasons: [
        { code: '51022', message: 'Instrument suspended', count: 2 },
        { code: 'KILL_SWITCH', message: null, count: 1 },
        { code: 'NOT_TAKEN_UP', message: null, count: 1 },
      ],
    });
    // What a halt holds back is not going to be closed.
    expect(data.toFlatten).toBe(4);
    expect([data.platform.flatten, data.others.map(({ flatten }) => flatten)]).toEqual([null, [null]]);
    const view = await harness.call('getSystem', { as });
    expect(view.data.killSwitches.find(({ scope }) => scope === 'tenant')?.flatten).toEqual(data.tenant.flatten);
    // Its exit is ended with the next look; it counts as closed until then, too.
    await system.position.updateMany({
      where: { subscriptionId: busy?.subscriptionId ?? '' },
      data: { quantity: '0' },
    });
    const after = (await harness.call('getKillSwitches', { as })).data.tenant.flatten;
    expect([after?.found, after?.closed, after?.open]).toEqual([6, 2, 4]);
  });

  it('counts what stands under it alone, at every scope', async () => {
    const tenant = await createTenant(harness, 'Scopes', ['One', 'Two']);
    const [one, two] = tenant.followers;
    const as = tenant.tokens.admin;
    const confirm = await nameOf(one?.customerId);
    await harness.call('setKillSwitch', {
      as,
      body: { scope: 'customer', id: one?.customerId, level: 'flatten', confirm },
    });
    await harness.call('setKillSwitch', {
      as,
      body: { scope: 'strategy', id: tenant.strategyId, level: 'flatten', confirm: 'Scopes strategy' },
    });
    await harness.database.system.platform.create({
      data: { id: 1, killSwitch: 'flatten', killSwitchAt: new Date(Date.now() - 60_000) },
    });
    await createExit(harness, tenant, one, { cause: 'flatten', code: 'CUT' });
    await createExit(harness, tenant, two, { cause: 'flatten', doneFor: 30_000 });
    const { data } = await harness.call('getKillSwitches', { as });
    const counts = [data.platform, ...data.others].map(({ scope, flatten }) => [
      scope,
      flatten?.found,
      flatten?.closed,
      flatten?.open,
    ]);
    expect(counts).toEqual([
      ['platform', 2, 1, 1],
      ['strategy', 1, 0, 1],
      ['customer', 1, 0, 1],
    ]);
    await harness.database.system.platform.deleteMany();
  });
});
