import { Prisma, type RawReader } from '@/platform/database/database';

/** A place in the order of followers: they come by strategy, then by account. */
export type FollowerCursor = { readonly strategyId: string; readonly accountId: string };

/** Followers after a place up to another one; null: from the first on, to the last. */
export type FollowerRange = { readonly after: FollowerCursor | null; readonly upTo: FollowerCursor | null };

export type FollowersInOrder = {
  readonly tenantId: string;
  readonly strategyIds: readonly string[];
  /** Also those who stopped following: they may still hold what they copied before. */
  readonly ended: boolean;
  /** Only those of whom this signal of our own closes something. Absent: all. */
  readonly closedBy?: string;
};

type Selection = Record<'from' | 'where' | 'order', Prisma.Sql>;

/**
 * How followers of a range are selected, with `s` for their subscriptions: the index is read in its order within the range, so that no
 * row is looked at for more than one range. MariaDB sorts all of them when it is to order by a strategy of which there is only one.
 * Null: nobody can be in the range.
 */
export function inOrder(
  { tenantId, strategyIds, ended, closedBy }: FollowersInOrder,
  range: FollowerRange,
): Selection | null {
  const { after, upTo } = range;
  const parts = [...new Set(strategyIds)].sort().filter((id) => {
    return (after === null || id >= after.strategyId) && (upTo === null || id <= upTo.strategyId);
  });
  if (parts.length === 0) return null;
  const cut = (id: string): boolean => id === after?.strategyId || id === upTo?.strategyId;
  const whole = parts.filter((id) => !cut(id));
  const terms = parts.filter(cut).map((id) => {
    const begins = id === after?.strategyId ? Prisma.sql` AND s.accountId > ${after.accountId}` : Prisma.empty;
    const ends = id === upTo?.strategyId ? Prisma.sql` AND s.accountId <= ${upTo.accountId}` : Prisma.empty;
    return Prisma.sql`(s.strategyId = ${id}${begins}${ends})`;
  });
  if (whole.length > 0) terms.push(Prisma.sql`s.strategyId IN (${Prisma.join(whole)})`);
  const statuses = ended ? ['active', 'paused', 'ended'] : ['active', 'paused'];
  const where = Prisma.sql`s.tenantId = ${tenantId} AND (${Prisma.join(terms, ' OR ')}) AND s.status IN (${Prisma.join(statuses)})`;
  if (closedBy !== undefined) {
    return {
      from: Prisma.sql`PositionExit x JOIN Subscription s ON s.id = x.subscriptionId`,
      where: Prisma.sql`x.signalId = ${closedBy} AND x.doneAt IS NULL AND ${where}`,
      order: Prisma.sql`s.strategyId, s.accountId`,
    };
  }
  return {
    from: Prisma.sql`Subscription s FORCE INDEX (Subscription_tenantId_strategyId_accountId_status_idx)`,
    where,
    order: parts.length === 1 ? Prisma.sql`s.accountId` : Prisma.sql`s.strategyId, s.accountId`,
  };
}

/**
 * Where slices of so many followers each end, the first of which begins after a place, found in the index alone; null: it is the last
 * one, or comes after it. Some of them may have their account at another venue.
 */
export async function endsOfSlices(
  db: RawReader,
  followers: FollowersInOrder,
  after: FollowerCursor | null,
  sizes: readonly number[],
): Promise<readonly (FollowerCursor | null)[]> {
  const selection = inOrder(followers, { after, upTo: null });
  if (selection === null) return sizes.map(() => null);
  let upTo = 0;
  const lookups = sizes.map((size, slice) => {
    upTo += size;
    return Prisma.sql`(SELECT ${slice} AS slice, s.strategyId, s.accountId FROM ${selection.from} WHERE ${selection.where}
      ORDER BY ${selection.order} LIMIT 2 OFFSET ${upTo - 1})`;
  });
  const rows = await db.$queryRaw<(FollowerCursor & { slice: unknown })[]>(Prisma.join(lookups, ' UNION ALL '));
  return sizes.map((_, slice) => {
    // The last one of the slice, and whether anybody comes after him. A union promises no order.
    const [end, more] = rows.filter((row) => Number(row.slice) === slice).sort(byPlace);
    return end === undefined || more === undefined ? null : { strategyId: end.strategyId, accountId: end.accountId };
  });
}

/** The database's order: ids are compared byte by byte. */
function byPlace(a: FollowerCursor, b: FollowerCursor): number {
  if (a.strategyId !== b.strategyId) return a.strategyId < b.strategyId ? -1 : 1;
  if (a.accountId === b.accountId) return 0;
  return a.accountId < b.accountId ? -1 : 1;
}
