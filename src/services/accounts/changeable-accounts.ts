import type { PreflightCode } from '@/contracts/api/people';
import { Prisma, type RawReader } from '@/platform/database/database';

/** Failures that their owner mends at the venue, without a word to us. */
const MENDED_AT_VENUE: readonly PreflightCode[] = [
  'ACCOUNT_MODE_UNSUPPORTED',
  'ISOLATED_UNAVAILABLE',
  'DERIVATIVES_DISABLED',
];
/** Such an account is checked again so often, minutes. */
const CHECK_EVERY = 5;
/** Accounts of one look: their keys are opened and their venue is asked. */
const AT_ONCE = 20;

/** Accounts whose settings at the venue stop entries, and of which nobody has asked for a while whether they still do. */
export async function findChangeable(db: RawReader, owns: (accountId: string) => boolean): Promise<readonly string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(
    Prisma.sql`SELECT a.id FROM ExchangeAccount a
      WHERE a.health IN ('limited', 'failing') AND a.healthCode IN (${Prisma.join([...MENDED_AT_VENUE])}) AND a.endedAt IS NULL
        AND (a.checkedAt IS NULL OR a.checkedAt < UTC_TIMESTAMP(3) - INTERVAL ${Prisma.raw(String(CHECK_EVERY))} MINUTE)
        AND EXISTS (SELECT 1 FROM Subscription s WHERE s.tenantId = a.tenantId AND s.accountId = a.id AND s.status <> 'ended')
      ORDER BY a.checkedAt LIMIT 1000`,
  );
  return rows
    .map(({ id }) => id)
    .filter(owns)
    .slice(0, AT_ONCE);
}
