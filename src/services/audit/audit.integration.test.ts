import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestTenant } from '@/testing/api/rows';
import { audited } from './audit-trail';

let harness: ApiHarness;
let tenant: TestTenant;
let other: TestTenant;
let as: string;

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['Own']);
  other = await createTenant(harness, 'Foreign', []);
  as = tenant.tokens.admin;
});
afterAll(() => harness.close());

const verify = async () => (await harness.call('verifyAuditLog', { as })).data;

describe('the audit log', () => {
  it('names who changed what, newest first', async () => {
    await harness.call('createCustomer', { as, body: { name: 'A', initialBalance: '12.50' } });
    await harness.call('updateTenant', {
      as: tenant.cookies.admin,
      body: { killSwitch: 'halt', confirm: 'Home tenant' },
    });
    const { data } = await harness.call('listAuditLog', { as, query: { limit: '2' } });
    expect(data.items).toMatchObject([
      { action: 'kill_switch.set', subject: `tenant:${tenant.id}`, detail: { level: 'halt', previous: 'none' } },
      {
        action: 'customer.create',
        actorName: 'Home admin',
        subjectName: 'A',
        detail: { name: 'A', initialBalance: '12.50' },
      },
    ]);
    expect(data.items[0]?.actor).toMatch(/^user:/);
    expect(data.items[0]?.actorName).toMatch(/@example\.com$/);
    expect(data.items[0]?.previousHash).toBe(data.items[1]?.hash);
  });

  it('is one line for each tenant, however many change something at once', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `Customer ${at}`);
    const answers = await Promise.all([
      ...names.map((name) => harness.call('createCustomer', { as, body: { name } })),
      ...names.map((name) => harness.call('createCustomer', { as: other.tokens.admin, body: { name } })),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(Array(24).fill(201));
    const { entries, intact } = await verify();
    expect([entries >= 12, intact]).toEqual([true, true]);
    const foreign = await harness.call('verifyAuditLog', { as: other.tokens.admin });
    expect(foreign.data).toEqual({ entries: 12, intact: true, brokenAt: null });
  });

  it('has nothing of a change that was rolled back', async () => {
    const before = await harness.database.system.auditLog.count();
    const actor = { tenantId: tenant.id, system: true as const };
    const failing = audited(harness.context, actor, async (tx, note) => {
      await tx.customer.updateMany({ data: { note: 'changed' } });
      note('customer.update', 'customer:all');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await harness.database.system.auditLog.count()).toBe(before);
    expect(await harness.database.system.customer.count({ where: { note: 'changed' } })).toBe(0);
  });

  it('notices an entry that was altered, and one that was removed', async () => {
    const { system } = harness.database;
    const rows = await system.auditLog.findMany({ where: { tenantId: tenant.id }, orderBy: { sequence: 'asc' } });
    const victim = rows[3];
    const next = rows[4];
    if (victim === undefined || next === undefined) throw new Error('too few entries');
    await system.auditLog.update({ where: { id: victim.id }, data: { detail: { name: 'B' } } });
    expect(await verify()).toMatchObject({ intact: false, brokenAt: victim.id });
    await system.auditLog.delete({ where: { id: victim.id } });
    expect(await verify()).toMatchObject({ intact: false, brokenAt: next.id });
  });
});
