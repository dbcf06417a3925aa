import { Prisma, type TenantClient } from './database';

/** The database's time: what is compared between processes and machines goes by it. */
export async function databaseNow(db: Pick<TenantClient, '$queryRaw'>): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>(Prisma.sql`SELECT UTC_TIMESTAMP(3) AS now`);
  if (row === undefined) throw new Error('The database does not know the time');
  return row.now;
}
