import type { AccountHealth } from '@/domain/account-health';
import { Prisma } from '@/platform/database/database';

/** Accounts `a` whose key works: orders may go to them and their streams are open, whatever entries lack. */
export const KEY_WORKS = Prisma.sql`a.health IN ('healthy', 'limited')`;

/** The code of an account whose key is another account's than the one whose orders and positions the row keeps. */
export const OTHER_ACCOUNT = 'OTHER_ACCOUNT';

/**
 * Accounts `a` whose key is not known to be another account's. A new key is nobody's until the venue has said whose it is: what another
 * account says of our orders is false, and what is sent with its key is done to it.
 */
export const KEY_IS_OWN = Prisma.sql`a.keyUnproven = FALSE AND a.health <> 'unchecked' AND COALESCE(a.healthCode, '') <> ${OTHER_ACCOUNT}`;

/** What is known of an account whose key was replaced: of the old key's, nothing is left. */
export const OF_NEW_KEY = { health: 'unchecked', healthCode: null, checkedAt: null, keyUnproven: true } as const;

export function keyWorked(health: AccountHealth): boolean {
  return health === 'healthy' || health === 'limited';
}
