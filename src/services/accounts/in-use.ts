import type { TenantTransaction } from '../audit/audit-trail';

export type InUseReader = Pick<TenantTransaction, 'position' | 'trade' | 'protection' | 'writtenPlan'>;

/** What an account has at its venue by our rows, or may have. */
export type InUse = {
  /** Something is held. */
  readonly positions: boolean;
  /** Orders, or stop orders, that are on their way or rest there. */
  readonly orders: boolean;
  /** A stop order stands there, or is being placed or taken back. */
  readonly stopOrders: boolean;
};

export async function readInUse(tx: InUseReader, accountId: string): Promise<InUse> {
  const [position, trade, folded, protection] = await Promise.all([
    tx.position.findFirst({ where: { accountId, quantity: { gt: 0 } }, select: { accountId: true } }),
    tx.trade.findFirst({
      where: { accountId, leg: { not: 'stop' }, status: { in: ['planned', 'unknown', 'live', 'partially_filled'] } },
      select: { id: true },
    }),
    // Decided a moment ago and no rows of Trade yet: what all of a plan's orders share stands in its shape.
    tx.writtenPlan.findFirst({
      where: { OR: [{ trades: { contains: accountId } }, { shape: { contains: accountId } }] },
      select: { part: true },
    }),
    findStop(tx, accountId),
  ]);
  return { positions: position !== null, orders: trade !== null || folded !== null, stopOrders: protection };
}

async function findStop(tx: InUseReader, accountId: string): Promise<boolean> {
  const protection = await tx.protection.findFirst({ where: { accountId, open: true }, select: { accountId: true } });
  if (protection !== null) return true;
  const trade = await tx.trade.findFirst({
    where: { accountId, leg: 'stop', status: { in: ['planned', 'unknown', 'live', 'partially_filled'] } },
    select: { id: true },
  });
  return trade !== null;
}

/** Whether the account holds something at the venue, or something of it may still be there. */
export async function isInUse(tx: InUseReader, accountId: string): Promise<boolean> {
  const { positions, orders, stopOrders } = await readInUse(tx, accountId);
  return positions || orders || stopOrders;
}
