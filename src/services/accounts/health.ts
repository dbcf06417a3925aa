import type { AccountHealth } from '@/domain/account-health';
import { Prisma } from '@/platform/database/database';

/** Accounts `a` whose key works: orders may go to them and their streams are open, whatever entries lack. */
export const KEY_WORKS = Prisma.sql`a.health IN ('healthy', 'limited')`;

export function keyWorked(health: AccountHealth): boolean {
  return health === 'healthy' || health === 'limited';
}
