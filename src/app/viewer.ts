import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { UserRole } from '@/contracts/api/operation';
import { currentTime } from '@/platform/clock';
import { readSessionToken } from '@/services/identity/session';
import { webServices } from '@/services/web-services';

/** Who looks at the page; null when nobody is logged in. One look-up a request. */
export const viewer = cache(async () => readSessionToken(webServices(), (await headers()).get('cookie')));

/** Where each role is at home. */
export function homeOf(role: UserRole): string {
  return role === 'customer' ? '/portal' : '/admin';
}

/** Sends everybody else to the log-in, or home. */
export async function requireViewer(roles: readonly UserRole[]) {
  const actor = await viewer();
  if (actor === null) redirect('/login');
  if (!roles.includes(actor.role)) redirect(homeOf(actor.role));
  return actor;
}

const REALTIME = Symbol.for('slipstream.realtime');

/** Where the stream of pushes stands while this page is rendered: the page asks for everything after it. */
export function streamCursor(): string {
  const realtime = (globalThis as { [REALTIME]?: { cursor(): string } })[REALTIME];
  return realtime?.cursor() ?? `${currentTime()}-0`;
}
