import { Prisma } from '@/platform/database/database';
import type { Cast } from './cast';
import type { World } from './world';

/** Longer than what an account is worth is relied on, minutes. */
const IDLE = 20;

/** Makes all that was heard of the accounts as old as if nobody had traded meanwhile. A database that is down has no old figures either. */
export async function letTimePass(world: World, { tenantId }: Cast): Promise<boolean> {
  try {
    await world.database.forTenant(tenantId).$executeRaw(
      Prisma.sql`UPDATE ExchangeAccount SET equityAt = equityAt - INTERVAL ${Prisma.raw(String(IDLE))} MINUTE
        WHERE tenantId = ${tenantId}`,
    );
    return true;
  } catch {
    return false;
  }
}
