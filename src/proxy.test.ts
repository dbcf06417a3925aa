import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { config, proxy } from './proxy';

const SECRET = 'a secret of the tests alone';

beforeEach(() => {
  vi.stubEnv('NEXTAUTH_SECRET', SECRET);
  vi.stubEnv('NEXTAUTH_URL', 'http://127.0.0.1:3000');
});
afterEach(() => vi.unstubAllEnvs());

async function visit(path: string, role: string | null, secret = SECRET): Promise<string | null> {
  const token = role === null ? null : await encode({ token: { userId: 'u', role, passwordMark: 'm' }, secret });
  const request = new NextRequest(`http://127.0.0.1:3000${path}`, {
    headers: { host: 'copy.internal:3000', ...(token === null ? {} : { cookie: `next-auth.session-token=${token}` }) },
  });
  return (await proxy(request)).headers.get('location');
}

describe('the proxy', () => {
  it('sends whoever is not logged in to the log-in, and back afterwards', async () => {
    expect(await visit('/admin/signals?status=done', null)).toBe(
      'http://copy.internal:3000/login?callbackUrl=%2Fadmin%2Fsignals%3Fstatus%3Ddone',
    );
    expect(await visit('/', null)).toBe('http://copy.internal:3000/login');
    expect(await visit('/login', null)).toBeNull();
    expect(await visit('/admin', 'admin', 'a secret of somebody else')).toContain('/login');
  });

  it.each([
    ['admin', '/', '/admin'],
    ['operator', '/', '/admin'],
    ['customer', '/', '/portal'],
    ['admin', '/portal/trades', '/admin'],
    ['customer', '/admin', '/portal'],
    ['customer', '/admin/customers', '/portal'],
  ])('sends the %s from %s to %s', async (role, from, to) => {
    expect(await visit(from, role)).toBe(`http://copy.internal:3000${to}`);
  });

  it.each([
    ['admin', '/admin/customers'],
    ['customer', '/portal'],
    ['customer', '/administration'],
  ])('lets the %s open %s', async (role, path) => {
    expect(await visit(path, role)).toBeNull();
  });

  it('leaves the API, the health check and files alone', () => {
    const [pattern = ''] = config.matcher;
    const matches = (path: string) => new RegExp(`^${pattern}$`).test(path);
    expect(['/', '/login', '/admin', '/portal/trades'].map(matches)).toEqual([true, true, true, true]);
    const free = ['/api/v1/me', '/api/auth/session', '/health', '/_next/static/a.js', '/favicon.ico', '/logo.svg'];
    expect(free.filter(matches)).toEqual([]);
  });
});
