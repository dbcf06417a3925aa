import type { WebContext } from '../web-context';
import { verifyPassword } from './passwords';
import { passwordMark, type SessionUser } from './session';

const FAILURES_UNTIL_LOCK = 5;
const LOCK_MS = 5 * 60_000;

/**
 * Checks an e-mail address and a password. Null for every failure, so that neither answer nor duration tells whether
 * the address exists or is locked. Five failures in a row lock the log-in for five minutes.
 */
export async function logIn(
  context: Pick<WebContext, 'database' | 'clock' | 'logger'>,
  email: string,
  password: string,
): Promise<SessionUser | null> {
  const { system } = context.database;
  const user = await system.user.findUnique({
    where: { email: email.trim().toLowerCase() },
    include: { customer: { select: { name: true, status: true } } },
  });
  const now = context.clock.now();
  const locked = user !== null && user.lockedUntil !== null && user.lockedUntil.getTime() > now;
  const matches = await verifyPassword(locked ? null : (user?.passwordHash ?? null), password);
  if (user === null || locked) return null;
  if (!matches) {
    await countFailure(context, user.id, now);
    return null;
  }
  if (user.role === 'customer' && user.customer?.status !== 'active') return null;
  await system.user.update({
    where: { id: user.id },
    data: { failedLogins: 0, lockedUntil: null, lastLoginAt: new Date(now) },
  });
  return {
    id: user.id,
    tenantId: user.tenantId,
    role: user.role,
    customerId: user.customerId,
    name: user.customer?.name ?? user.email,
    email: user.email,
    passwordMark: passwordMark(user.passwordHash),
  };
}

async function countFailure(
  { database, logger }: Pick<WebContext, 'database' | 'logger'>,
  userId: string,
  now: number,
): Promise<void> {
  // Counted by the database: simultaneous guesses cannot share one count.
  const { failedLogins } = await database.system.user.update({
    where: { id: userId },
    data: { failedLogins: { increment: 1 } },
    select: { failedLogins: true },
  });
  if (failedLogins < FAILURES_UNTIL_LOCK) return;
  await database.system.user.update({
    where: { id: userId },
    data: { failedLogins: 0, lockedUntil: new Date(now + LOCK_MS) },
  });
  logger.warn({ userId }, 'log-in locked after repeated failures');
}
