import { type Dec, dec } from '@/domain/decimal';
import type { Cast } from './cast';
import type { World } from './world';

/** An order as the simulator's books have it. */
export type VenueOrder = {
  readonly account: string;
  readonly instId: string;
  readonly clOrdId: string;
  readonly ordId: string;
  readonly state: string;
  readonly side: 'buy' | 'sell';
  readonly posSide: 'net' | 'long' | 'short';
  readonly sz: string;
  readonly fillSz: string;
  readonly lever: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A stop order as the simulator's books have it. */
export type VenueAlgo = {
  readonly account: string;
  readonly instId: string;
  readonly algoClOrdId: string;
  readonly posSide: 'net' | 'long' | 'short';
  readonly sz: string;
  readonly state: string;
};

export type VenueBooks = {
  readonly orders: readonly VenueOrder[];
  readonly algos: readonly VenueAlgo[];
  /** Signed contracts by `account|instrument|posSide`. */
  readonly positions: ReadonlyMap<string, Dec>;
};

/** Orders by hand, and those with which the venue itself closes, have no id of ours. */
export function isOurs({ clOrdId }: Pick<VenueOrder, 'clOrdId'>): boolean {
  return clOrdId !== '';
}

export async function readVenueBooks(world: World, cast: Cast): Promise<VenueBooks> {
  const { orders } = await world.ask<{ orders: VenueOrder[] }>(`orders?owner=${cast.owner}`);
  const { algos } = await world.ask<{ algos: VenueAlgo[] }>(`algos?owner=${cast.owner}`);
  const { positions } = await world.ask<{
    positions: { account: string; instId: string; posSide: string; signedPos: string }[];
  }>(`positions?owner=${cast.owner}`);
  return {
    orders,
    algos,
    positions: new Map(
      positions.map((row) => [`${row.account}|${row.instId}|${row.posSide}`, dec(row.signedPos)] as const),
    ),
  };
}

/** What MySQL says of one seed's tenant. */
export async function readRows(world: World, cast: Cast) {
  const db = world.database.forTenant(cast.tenantId);
  const signals = await db.signal.findMany({ where: {}, orderBy: { sequence: 'asc' } });
  const trades = await db.trade.findMany({ where: {} });
  const fills = await db.fill.findMany({ where: {} });
  const positions = await db.position.findMany({ where: {} });
  const debts = await db.roundingDebt.findMany({ where: {} });
  return { signals, trades, fills, positions, debts };
}

export type Rows = Awaited<ReturnType<typeof readRows>>;
export type TradeRow = Rows['trades'][number];
