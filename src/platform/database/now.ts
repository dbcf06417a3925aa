import { Prisma, type RawReader } from './database';

/** The database's time: what is compared between processes and machines goes by it. Not for `statements`, which answer times as text. */
export async function databaseNow(db: RawReader): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>(Prisma.sql`SELECT UTC_TIMESTAMP(3) AS now`);
  if (row === undefined) throw new Error('The database does not know the time');
  return row.now;
}
