import { encode } from 'next-auth/jwt';
import { sha256 } from '@/platform/ids';
import type { WebContext } from '../web-context';
import type { Actor } from './actor';
import { mayEnter } from './customer-gate';
import { openSessionCookie } from './session-cookie';

export const SESSION_SECONDS = 12 * 60 * 60;

/** What a session is made of; the rest is read from the row at every request. */
export type SessionUser = {
  readonly id: string;
  readonly tenantId: string;
  readonly role: Actor['role'];
  readonly customerId: string | null;
  readonly name: string;
  readonly email: string;
  readonly passwordMark: string;
};

/** Changes with the password, so that a new password ends the sessions of the old one. */
export function passwordMark(passwordHash: string): string {
  return sha256(passwordHash).slice(0, 16);
}

/** The value of the session cookie of a log-in. */
export function sealSession(context: Pick<WebContext, 'environment'>, user: SessionUser): Promise<string> {
  return encode({ token: sessionClaims(user), secret: context.environment.NEXTAUTH_SECRET, maxAge: SESSION_SECONDS });
}

export function sessionClaims(user: SessionUser) {
  return {
    userId: user.id,
    tenantId: user.tenantId,
    role: user.role,
    customerId: user.customerId,
    name: user.name,
    email: user.email,
    passwordMark: user.passwordMark,
  };
}

export type SessionActor = Actor & {
  /** Epoch ms. */
  readonly expiresAt: number;
};

/**
 * Who a Cookie header belongs to. The user's row decides at every call: removed users, suspended customers and
 * sessions from before a new password are nobody.
 */
export async function readSessionToken(
  context: Pick<WebContext, 'environment' | 'database'>,
  cookieHeader: string | null | undefined,
): Promise<SessionActor | null> {
  const claims = await openSessionCookie(context.environment, cookieHeader);
  if (claims === null) return null;
  const user = await context.database.system.user.findUnique({ where: { id: claims.userId } });
  if (user === null || passwordMark(user.passwordHash) !== claims.passwordMark) return null;
  if (!(await mayEnter(context.database, user))) return null;
  return {
    tenantId: user.tenantId,
    role: user.role,
    userId: user.id,
    tokenId: null,
    customerId: user.customerId,
    expiresAt: claims.expiresAt,
  };
}
