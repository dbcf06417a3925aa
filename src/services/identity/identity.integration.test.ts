import { encode } from 'next-auth/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestTenant } from '@/testing/api/rows';
import type { WebContext } from '../web-context';
import { authenticate } from './authenticate';
import { logIn } from './log-in';
import { hashPassword } from './passwords';
import { passwordMark, readSessionToken, sealSession } from './session';

let harness: ApiHarness;
let tenant: TestTenant;
let now = Date.now();
let context: WebContext;
let passwordHash: string;
const PASSWORD = 'a long enough password';

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', ['Own']);
  context = { ...harness.context, clock: { now: () => now } };
  passwordHash = await hashPassword(PASSWORD);
});
afterAll(() => harness.close());

async function createUser(customerId: string | null = null): Promise<{ id: string; email: string }> {
  const id = newId();
  const email = `${id}@example.com`;
  const role = customerId === null ? 'admin' : 'customer';
  await harness.database.system.user.create({
    data: { id, tenantId: tenant.id, email, passwordHash, role, customerId },
  });
  return { id, email };
}

const follower = () => {
  const [first] = tenant.followers;
  if (first === undefined) throw new Error('no follower');
  return first;
};

async function cookieOf(user: { id: string; email: string }): Promise<string> {
  const session = await logIn(context, user.email, PASSWORD);
  if (session === null) throw new Error('not logged in');
  return `other=1; next-auth.session-token=${await sealSession(context, session)}`;
}

describe('a log-in', () => {
  it('takes the right password, whatever the case of the address', async () => {
    const user = await createUser();
    const session = await logIn(context, ` ${user.email.toUpperCase()} `, PASSWORD);
    expect(session).toMatchObject({ id: user.id, tenantId: tenant.id, role: 'admin', email: user.email });
  });

  it('refuses a wrong password and an unknown address alike', async () => {
    const user = await createUser();
    expect(await logIn(context, user.email, 'another password')).toBeNull();
    expect(await logIn(context, 'nobody@example.com', PASSWORD)).toBeNull();
    expect(await logIn(context, 'nobody@example.com', 'no account has this password')).toBeNull();
  });

  it('is locked for five minutes after five failures, and then works again', async () => {
    const user = await createUser();
    for (let failure = 0; failure < 5; failure += 1) await logIn(context, user.email, 'wrong');
    expect(await logIn(context, user.email, PASSWORD)).toBeNull();
    now += 4 * 60_000;
    expect(await logIn(context, user.email, PASSWORD)).toBeNull();
    now += 61_000;
    expect(await logIn(context, user.email, PASSWORD)).not.toBeNull();
  });

  it('counts simultaneous guesses one by one', async () => {
    const user = await createUser();
    await Promise.all(Array.from({ length: 5 }, () => logIn(context, user.email, 'wrong')));
    expect(await logIn(context, user.email, PASSWORD)).toBeNull();
  });

  it('forgets failures after a success', async () => {
    const user = await createUser();
    for (let failure = 0; failure < 4; failure += 1) await logIn(context, user.email, 'wrong');
    expect(await logIn(context, user.email, PASSWORD)).not.toBeNull();
    for (let failure = 0; failure < 4; failure += 1) await logIn(context, user.email, 'wrong');
    expect(await logIn(context, user.email, PASSWORD)).not.toBeNull();
  });

  it('is refused to a suspended customer', async () => {
    const user = await createUser(follower().customerId);
    const set = (status: 'active' | 'suspended') =>
      harness.database.system.customer.update({ where: { id: follower().customerId }, data: { status } });
    expect(await logIn(context, user.email, PASSWORD)).not.toBeNull();
    await set('suspended');
    expect(await logIn(context, user.email, PASSWORD)).toBeNull();
    await set('active');
  });
});

describe('a session', () => {
  it('is the user of its row', async () => {
    const user = await createUser(follower().customerId);
    const actor = await readSessionToken(context, await cookieOf(user));
    expect(actor).toMatchObject({
      tenantId: tenant.id,
      role: 'customer',
      userId: user.id,
      tokenId: null,
      customerId: follower().customerId,
    });
    expect(actor?.expiresAt).toBeGreaterThan(Date.now() + 11 * 3_600_000);
  });

  it('reads cookies that were split in two', async () => {
    const cookie = await cookieOf(await createUser());
    const value = cookie.slice(cookie.indexOf('session-token=') + 'session-token='.length);
    const name = 'next-auth.session-token';
    const halves = `${name}.1=${value.slice(100)}; ${name}.0=${value.slice(0, 100)}`;
    expect(await readSessionToken(context, halves)).not.toBeNull();
  });

  it('is nobody without a cookie, with a forged one, and with one of another secret', async () => {
    const user = await createUser();
    const claims = { userId: user.id, role: 'admin', passwordMark: passwordMark(passwordHash) };
    const foreign = await encode({ token: claims, secret: 'another secret altogether' });
    for (const cookie of [null, '', 'next-auth.session-token=x', `next-auth.session-token=${foreign}`]) {
      expect(await readSessionToken(context, cookie)).toBeNull();
    }
  });

  it('ends with its time, a new password, the removal of the user and the suspension of the customer', async () => {
    const user = await createUser(follower().customerId);
    const claims = { userId: user.id, role: 'customer', passwordMark: passwordMark(passwordHash) };
    const expired = await encode({ token: claims, secret: context.environment.NEXTAUTH_SECRET, maxAge: -60 });
    expect(await readSessionToken(context, `next-auth.session-token=${expired}`)).toBeNull();

    const cookie = await cookieOf(user);
    const { system } = harness.database;
    const where = { id: follower().customerId };
    await system.customer.update({ where, data: { status: 'suspended' } });
    expect(await readSessionToken(context, cookie)).toBeNull();
    await system.customer.update({ where, data: { status: 'active' } });
    expect(await readSessionToken(context, cookie)).not.toBeNull();
    await system.user.update({ where: { id: user.id }, data: { passwordHash: await hashPassword('another one') } });
    expect(await readSessionToken(context, cookie)).toBeNull();
    await system.user.update({ where: { id: user.id }, data: { passwordHash } });
    expect(await readSessionToken(context, cookie)).not.toBeNull();
    await system.user.delete({ where: { id: user.id } });
    expect(await readSessionToken(context, cookie)).toBeNull();
  });

  it('has a cookie that browsers send over HTTPS alone where the service is public', async () => {
    const user = await createUser();
    const cookie = await cookieOf(user);
    const environment = { ...context.environment, NEXTAUTH_URL: 'https://copy.example.com' };
    expect(await readSessionToken({ ...context, environment }, cookie)).toBeNull();
    const secure = cookie.replace('next-auth.', '__Secure-next-auth.');
    expect(await readSessionToken({ ...context, environment }, secure)).not.toBeNull();
  });
});

describe('an API token', () => {
  const ask = (token: string) => authenticate(context, new Headers({ authorization: `Bearer ${token}` }));

  it('is shown once, stored as a hash, and works until it is revoked', async () => {
    const as = tenant.tokens.admin;
    const created = await harness.call('createApiToken', { as, body: { name: 'Robot', role: 'operator' } });
    expect(created.status).toBe(201);
    const { token, id } = created.data;
    expect(token).toMatch(/^ss_[\w-]{43}$/);
    expect(await ask(token)).toMatchObject({ actor: { role: 'operator', tokenId: id, tenantId: tenant.id } });

    const stored = await harness.database.system.apiToken.findUniqueOrThrow({ where: { id } });
    expect(JSON.stringify(stored)).not.toContain(token.slice(8));
    const listed = await harness.call('listApiTokens', { as });
    expect(listed.data.items.find((row) => row.id === id)).toMatchObject({ name: 'Robot', prefix: token.slice(0, 8) });
    expect(listed.text).not.toContain(token.slice(8));

    expect((await harness.call('revokeApiToken', { as, params: { id } })).data.revokedAt).not.toBeNull();
    expect((await harness.call('revokeApiToken', { as, params: { id } })).status).toBe(200);
    expect(await ask(token)).toBeNull();
  });

  it('ends with its time', async () => {
    const as = tenant.tokens.admin;
    const expiresAt = new Date(now + 60_000).toISOString();
    const { data } = await harness.call('createApiToken', { as, body: { name: 'Short', role: 'admin', expiresAt } });
    expect(await ask(data.token)).not.toBeNull();
    now += 60_001;
    expect(await ask(data.token)).toBeNull();
  });

  it('of a customer needs the customer, and no other has one', async () => {
    const as = tenant.tokens.admin;
    const { customerId } = follower();
    for (const body of [
      { name: 'x', role: 'customer' },
      { name: 'x', role: 'admin', customerId },
    ]) {
      const answer = await harness.call('createApiToken', { as, body });
      expect([answer.status, answer.error.code, answer.error.field]).toEqual([400, 'VALIDATION_ERROR', 'customerId']);
    }
  });

  it('is not rescued by a cookie when it is wrong', async () => {
    const headers = new Headers({ authorization: 'Bearer ss_wrong-wrong-wrong-wrong', cookie: tenant.cookies.admin });
    expect(await authenticate(context, headers)).toBeNull();
  });
});

describe('the own password', () => {
  it('changes with the current one, and ends the sessions of the old one', async () => {
    const user = await createUser();
    const as = (await cookieOf(user)).slice('other=1; '.length);
    const refused = await harness.call('updateMe', {
      as,
      body: { password: 'a new long password', currentPassword: 'x' },
    });
    expect([refused.status, refused.error.field]).toEqual([400, 'currentPassword']);
    const short = await harness.call('updateMe', { as, body: { password: 'short', currentPassword: PASSWORD } });
    expect([short.status, short.error.field]).toEqual([400, 'password']);
    const body = { password: 'a new long password', currentPassword: PASSWORD };
    expect((await harness.call('updateMe', { as, body })).status).toBe(200);
    expect((await harness.call('getMe', { as })).status).toBe(401);
    expect(await logIn(context, user.email, PASSWORD)).toBeNull();
    expect(await logIn(context, user.email, 'a new long password')).not.toBeNull();
  });
});
