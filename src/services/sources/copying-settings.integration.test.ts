import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, sha256 } from '@/platform/ids';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestFollower, type TestTenant } from '@/testing/api/rows';
import { hmacKeyPlace } from './sealed-fields';

let harness: ApiHarness;
let tenant: TestTenant;
let follower: TestFollower;
let neighbour: TestFollower;
let as: string;

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['Own', 'Neighbour']);
  const [first, second] = tenant.followers;
  if (first === undefined || second === undefined) throw new Error('no followers');
  [follower, neighbour] = [first, second];
  as = tenant.tokens.admin;
});
afterAll(() => harness.close());

const tokenOf = (url: string | null) => url?.split('/').at(-1) ?? '';

describe('a signal source', () => {
  it('has a secret address whose hash alone finds it', async () => {
    const { status, data } = await harness.call('createSignalSource', { as, body: { name: 'TradingView' } });
    expect(status).toBe(201);
    expect(data).toMatchObject({ format: 'auto', venue: 'okx', signed: false, hmacKey: null, maxLagMs: 60_000 });
    expect(data.webhookUrl).toMatch(/^http:\/\/127\.0\.0\.1:3000\/api\/webhooks\/[\w-]{43}$/);
    const row = await harness.database.system.signalSource.findUniqueOrThrow({ where: { id: data.id } });
    expect(row.tokenHash).toBe(sha256(tokenOf(data.webhookUrl)));
    expect(JSON.stringify(row)).not.toContain(tokenOf(data.webhookUrl));
  });

  it('shows its HMAC key once', async () => {
    const { data } = await harness.call('createSignalSource', { as, body: { name: 'Bot', signed: true } });
    expect(data.signed).toBe(true);
    const row = await harness.database.system.signalSource.findUniqueOrThrow({
      where: { id: data.id },
      include: { tenant: true },
    });
    const cipher = harness.context.cipher.forTenant(row.tenant);
    expect(cipher.unseal(row.hmacSealed ?? '', hmacKeyPlace(row.id))).toBe(data.hmacKey);
    const again = await harness.call('getSignalSource', { as, params: { id: data.id } });
    expect(again.text).not.toContain(data.hmacKey);
  });

  it('gets a new address, and the old one is forgotten', async () => {
    const { data } = await harness.call('createSignalSource', { as, body: { name: 'Rotated' } });
    const rotated = await harness.call('updateSignalSource', {
      as,
      params: { id: data.id },
      body: { rotateToken: true, allowedIps: ['203.0.113.0/24'], enabled: false },
    });
    expect(rotated.data.webhookUrl).not.toBe(data.webhookUrl);
    expect(rotated.data).toMatchObject({ allowedIps: ['203.0.113.0/24'], enabled: false });
    const { signalSource } = harness.database.system;
    expect(await signalSource.findUnique({ where: { tokenHash: sha256(tokenOf(data.webhookUrl)) } })).toBeNull();
    const open = await harness.call('updateSignalSource', { as, params: { id: data.id }, body: { allowedIps: null } });
    expect(open.data.allowedIps).toBeNull();
  });

  it('takes USD for USDT only where somebody has said so', async () => {
    const { data } = await harness.call('createSignalSource', { as, body: { name: 'Charts' } });
    expect(data.usdMeansUsdt).toBe(false);
    const params = { id: data.id };
    const on = await harness.call('updateSignalSource', { as, params, body: { usdMeansUsdt: true } });
    expect(on.data.usdMeansUsdt).toBe(true);
    const renamed = await harness.call('updateSignalSource', { as, params, body: { name: 'Other charts' } });
    expect(renamed.data.usdMeansUsdt).toBe(true);
  });

  it('hides its address from operators', async () => {
    const { data } = await harness.call('listSignalSources', { as: tenant.tokens.operator });
    expect(data.items.length).toBeGreaterThan(0);
    expect(data.items.every((source) => source.webhookUrl === null)).toBe(true);
  });
});

describe('a strategy', () => {
  const create = (body: Record<string, unknown>) =>
    harness.call('createStrategy', { as, body: { name: 'S', signalSourceId: tenant.sourceId, ...body } });

  it('follows at a tenth unless said otherwise', async () => {
    const { data } = await create({});
    expect(data).toMatchObject({
      followRatio: '0.1',
      sizingMode: 'ratio',
      sizingValue: null,
      symbols: null,
      followers: 0,
    });
  });

  it.each([
    [{ sizingMode: 'fixed_notional' }, 'sizingValue'],
    [{ sizingMode: 'percent_balance', sizingValue: '101' }, 'sizingValue'],
    [{ defaultLeverage: '20', maxLeverage: '10' }, 'defaultLeverage'],
    [{ followRatio: '0' }, 'followRatio'],
    [{ followRatio: '999999999999999999' }, 'followRatio'],
    [{ followRatio: '0.000000000000000001' }, 'followRatio'],
    [{ followRatio: '1e400' }, 'followRatio'],
    [{ followRatio: 1 }, 'followRatio'],
    [{ defaultLeverage: '0.5' }, 'defaultLeverage'],
    [{ maxLeverage: '999999999999999999' }, 'maxLeverage'],
    [{ sizingMode: 'fixed_quantity', sizingValue: '1000000001' }, 'sizingValue'],
    [{ sizingMode: 'fixed_notional', sizingValue: '999999999999999999' }, 'sizingValue'],
    [{ sizingValue: '999999999999999999' }, 'sizingValue'],
    [{ maxSlippage: '1.000000000000000001' }, 'maxSlippage'],
    [{ symbols: [] }, 'symbols'],
  ])('refuses %j', async (body, field) => {
    const answer = await create(body);
    expect([answer.status, answer.error.field]).toEqual([400, field]);
  });

  it('is checked as a whole when a part of it changes', async () => {
    const { data } = await create({ sizingMode: 'fixed_margin', sizingValue: '100', symbols: ['BTC-USDT-SWAP'] });
    const params = { id: data.id };
    const refused = await harness.call('updateStrategy', { as, params, body: { sizingValue: null } });
    expect([refused.status, refused.error.field]).toEqual([400, 'sizingValue']);
    const changed = await harness.call('updateStrategy', {
      as: tenant.tokens.operator,
      params,
      body: { status: 'paused', killSwitch: 'reduce_only', confirm: data.name, symbols: null },
    });
    expect(changed.data).toMatchObject({
      status: 'paused',
      killSwitch: 'reduce_only',
      symbols: null,
      sizingValue: '100',
    });
  });
});

describe('a follow ratio that was set before there were bounds', () => {
  it('is shown, keeps nobody from a pause, and can be mended', async () => {
    const strategy = await harness.call('createStrategy', {
      as,
      body: { name: 'Old', signalSourceId: tenant.sourceId },
    });
    const body = { strategyId: strategy.data.id, accountId: follower.accountId };
    const { data } = await harness.call('createSubscription', { as, body });
    const absurd = '999999999999999999';
    const where = { id: data.id };
    await harness.database.system.subscription.update({
      where,
      data: { followRatio: absurd, sizingMode: 'fixed_quantity', sizingValue: absurd },
    });
    const params = where;
    const paused = await harness.call('updateSubscription', { as, params, body: { status: 'paused' } });
    expect(paused.data).toMatchObject({ status: 'paused', followRatio: absurd, sizingValue: absurd });
    const again = await harness.call('updateSubscription', { as, params, body: { sizingMode: 'fixed_quantity' } });
    expect([again.status, again.error.field]).toEqual([400, 'sizingValue']);
    const mended = await harness.call('updateSubscription', {
      as,
      params,
      body: { followRatio: '1', sizingMode: null, sizingValue: null },
    });
    expect(mended.data).toMatchObject({ followRatio: '1', sizingValue: null });
  });
});

describe('a subscription', () => {
  async function newStrategy(): Promise<string> {
    const body = { name: 'Followed', signalSourceId: tenant.sourceId };
    return (await harness.call('createStrategy', { as, body })).data.id;
  }

  it('is made by a customer with his own account, once', async () => {
    const strategyId = await newStrategy();
    const body = { strategyId, accountId: follower.accountId, followRatio: '0.25' };
    const made = await harness.call('createSubscription', { as: follower.token, body });
    expect(made.data).toMatchObject({ customerId: follower.customerId, followRatio: '0.25', status: 'active' });
    const again = await harness.call('createSubscription', { as: follower.token, body });
    expect([again.status, again.error.code]).toEqual([409, 'CONFLICT']);
    const strategy = await harness.call('getStrategy', { as, params: { id: strategyId } });
    expect(strategy.data.followers).toBe(1);
  });

  it('is never made with the account of another', async () => {
    const strategyId = await newStrategy();
    const body = { strategyId, accountId: neighbour.accountId };
    const answer = await harness.call('createSubscription', { as: follower.token, body });
    expect([answer.status, answer.error.field]).toEqual([404, 'accountId']);
    const byAdmin = await harness.call('createSubscription', { as, body });
    expect(byAdmin.data.customerId).toBe(neighbour.customerId);
  });

  it('is made once by simultaneous requests', async () => {
    const body = { strategyId: await newStrategy(), accountId: follower.accountId };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => harness.call('createSubscription', { as: follower.token, body })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it('that ended comes back without its old overrides, and changes no more until then', async () => {
    const body = { strategyId: await newStrategy(), accountId: follower.accountId, followRatio: '0.25', reverse: true };
    const token = follower.token;
    const { data } = await harness.call('createSubscription', { as: token, body });
    const params = { id: data.id };
    await harness.call('updateSubscription', { as: token, params, body: { status: 'ended' } });
    const late = await harness.call('updateSubscription', { as: token, params, body: { status: 'active' } });
    expect(late.status).toBe(409);
    const { followRatio: _ratio, reverse: _reverse, ...plain } = body;
    const back = await harness.call('createSubscription', { as: token, body: plain });
    expect(back.data).toMatchObject({ id: data.id, status: 'active', followRatio: null, reverse: false });
  });

  it('changes its direction only while nothing is held', async () => {
    const body = { reverse: true };
    const change = () =>
      harness.call('updateSubscription', { as: neighbour.token, params: { id: neighbour.subscriptionId }, body });
    const where = { subscriptionId: neighbour.subscriptionId };
    const { quantity } = await harness.database.system.position.findFirstOrThrow({ where });
    const refused = await change();
    expect([refused.status, refused.error.code, refused.error.field]).toEqual([409, 'CONFLICT', 'reverse']);
    await harness.database.system.position.updateMany({ where, data: { quantity: '0' } });
    expect((await change()).data).toMatchObject({ reverse: true });
    await harness.database.system.position.updateMany({ where, data: { quantity } });
  });

  it('needs a number for a mode that needs one, its own or the strategy’s', async () => {
    const body = { strategyId: await newStrategy(), accountId: follower.accountId };
    const { data } = await harness.call('createSubscription', { as: follower.token, body });
    const change = (fields: Record<string, unknown>) =>
      harness.call('updateSubscription', { as: follower.token, params: { id: data.id }, body: fields });
    expect((await change({ sizingMode: 'fixed_margin' })).error.field).toBe('sizingValue');
    expect((await change({ sizingMode: 'fixed_margin', sizingValue: '50' })).status).toBe(200);
    expect((await change({ sizingValue: null })).error.field).toBe('sizingValue');
    expect((await change({ sizingMode: null, sizingValue: null })).data).toMatchObject({ sizingMode: null });
  });

  it('is not made with an account at another venue', async () => {
    const { system } = harness.database;
    const sourceId = newId();
    await system.signalSource.create({
      data: {
        id: sourceId,
        tenantId: tenant.id,
        name: 'Elsewhere',
        venue: 'binance',
        tokenHash: sourceId.padEnd(64, 'f'),
        tokenSealed: 'none',
      },
    });
    const strategyId = newId();
    await system.strategy.create({
      data: { id: strategyId, tenantId: tenant.id, signalSourceId: sourceId, name: 'Elsewhere' },
    });
    const body = { strategyId, accountId: follower.accountId };
    const answer = await harness.call('createSubscription', { as: follower.token, body });
    expect([answer.status, answer.error.field]).toEqual([400, 'accountId']);
  });
});

describe('a customer', () => {
  it('gets a portal log-in with e-mail and password, and an address belongs to one only', async () => {
    const body = { name: 'Portal', email: 'Portal@Example.com', password: 'a long enough password' };
    const { status, data } = await harness.call('createCustomer', { as, body });
    expect([status, data.email]).toEqual([201, 'portal@example.com']);
    const user = await harness.database.system.user.findUniqueOrThrow({ where: { email: 'portal@example.com' } });
    expect(user).toMatchObject({ role: 'customer', customerId: data.id, tenantId: tenant.id });
    expect(user.passwordHash).toMatch(/^\$argon2id\$/);
    const again = await harness.call('createCustomer', { as, body });
    expect([again.status, again.error.code, again.error.field]).toEqual([409, 'CONFLICT', 'email']);
    expect(await harness.database.system.customer.count({ where: { name: 'Portal' } })).toBe(1);
  });

  it('is found by a part of his name or address', async () => {
    const find = async (search: string) =>
      (await harness.call('listCustomers', { as, query: { search } })).data.items.map((row) => row.name);
    expect(await find('ort')).toEqual(['Portal']);
    expect(await find('portal@example')).toEqual(['Portal']);
    expect(await find('%')).toEqual([]);
  });

  it('is suspended, and then nobody enters for him', async () => {
    const set = (status: string) =>
      harness.call('updateCustomer', { as, params: { id: neighbour.customerId }, body: { status } });
    expect((await set('suspended')).data.status).toBe('suspended');
    expect((await harness.call('getMe', { as: neighbour.token })).status).toBe(401);
    expect((await harness.call('getMe', { as: neighbour.cookie })).status).toBe(401);
    await set('active');
    expect((await harness.call('getMe', { as: neighbour.token })).status).toBe(200);
  });

  it('has the equity of his accounts', async () => {
    const { data } = await harness.call('getCustomer', { as, params: { id: follower.customerId } });
    expect(data).toMatchObject({ equity: '1234.5', accounts: 1 });
  });
});
