import type { FollowerSnapshot } from '@/domain/decide';
import { type Dec, dec, ZERO } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import type { KillSwitchLevel, PositionMode } from '@/domain/risk/types';
import type { PositionSide } from '@/domain/signal';
import type { SizingMode } from '@/domain/sizing';
import { Prisma, type TenantClient } from '@/platform/database/database';

/** Equity older than this is not relied on, ms. */
const EQUITY_VALID_FOR = 15 * 60_000;

/** A follower of one strategy, as the decision sees him, and what execution needs beside it. */
export type Follower = {
  readonly strategyId: string;
  readonly mode: 'simulated' | 'demo' | 'live';
  readonly snapshot: FollowerSnapshot;
};

type Row = Record<string, unknown>;
type OwnPosition = {
  subscriptionId: string;
  accountId: string;
  instrumentId: string;
  side: PositionSide;
  quantity: Dec;
  margin: Dec;
};

function optional(value: unknown): Dec | null {
  return value === null || value === undefined ? null : dec(String(value));
}

/**
 * Reads all followers of a source's strategies in three statements, whatever their number: subscriptions with customer
 * and account, the positions of those accounts, and the rounding debts of this instrument.
 * @param ended also those who stopped following: they may still hold what they copied before
 */
export async function readFollowers(
  db: TenantClient,
  tenantId: string,
  sourceId: string,
  instrument: Instrument,
  now: number,
  ended = false,
): Promise<readonly Follower[]> {
  const statuses = ended ? ['active', 'paused', 'ended'] : ['active', 'paused'];
  const ofSource = Prisma.sql`SELECT id FROM Strategy WHERE tenantId = ${tenantId} AND signalSourceId = ${sourceId}`;
  const [rows, positions, debts] = await Promise.all([
    db.$queryRaw<Row[]>(Prisma.sql`
      SELECT s.id, s.customerId, s.accountId, s.strategyId, s.status, s.followRatio, s.sizingMode, s.sizingValue,
        s.maxLeverage, s.maxOrderShare, s.maxSymbolShare, s.maxTotalShare, s.maxSlippage, s.forceMinimum, s.reverse,
        t.followRatio AS strategyRatio, t.sizingMode AS strategyMode, t.sizingValue AS strategyValue,
        c.status AS customerStatus, c.killSwitch, c.maxLeverage AS customerLeverage, c.maxOrderShare AS customerOrderShare,
        c.maxSymbolShare AS customerSymbolShare, c.maxTotalShare AS customerTotalShare,
        a.mode, a.positionMode, a.health, a.healthCode, a.equity, a.available, a.equityAt
      FROM Subscription s
      JOIN Strategy t ON t.id = s.strategyId
      JOIN Customer c ON c.id = s.customerId
      JOIN ExchangeAccount a ON a.id = s.accountId
      WHERE s.tenantId = ${tenantId} AND t.signalSourceId = ${sourceId} AND s.status IN (${Prisma.join(statuses)}) AND a.venue = ${instrument.venue}`),
    db.$queryRaw<Row[]>(Prisma.sql`
      SELECT p.subscriptionId, p.accountId, p.instrumentId, p.side, p.quantity, p.cost, p.leverage FROM Position p
      WHERE p.tenantId = ${tenantId} AND p.quantity > 0
        AND p.accountId IN (SELECT accountId FROM Subscription WHERE tenantId = ${tenantId} AND strategyId IN (${ofSource}))`),
    db.$queryRaw<Row[]>(Prisma.sql`
      SELECT d.subscriptionId, d.side, d.quantity FROM RoundingDebt d
      WHERE d.tenantId = ${tenantId} AND d.instrumentId = ${instrument.id} AND d.quantity <> 0
        AND d.subscriptionId IN (SELECT id FROM Subscription WHERE tenantId = ${tenantId} AND strategyId IN (${ofSource}))`),
  ]);

  const held = indexPositions(positions);
  const owed = new Map(debts.map((row) => [row.subscriptionId as string, dec(String(row.quantity))]));
  return rows.map((row) => toFollower(row, instrument, held, owed, now));
}

function indexPositions(rows: readonly Row[]): Map<string, OwnPosition[]> {
  const byAccount = new Map<string, OwnPosition[]>();
  for (const row of rows) {
    const position: OwnPosition = {
      subscriptionId: row.subscriptionId as string,
      accountId: row.accountId as string,
      instrumentId: row.instrumentId as string,
      side: row.side as PositionSide,
      quantity: dec(String(row.quantity)),
      margin: dec(String(row.cost)).div(dec(String(row.leverage))),
    };
    const list = byAccount.get(position.accountId);
    if (list === undefined) byAccount.set(position.accountId, [position]);
    else list.push(position);
  }
  return byAccount;
}

function toFollower(
  row: Row,
  instrument: Instrument,
  held: ReadonlyMap<string, readonly OwnPosition[]>,
  owed: ReadonlyMap<string, Dec>,
  now: number,
): Follower {
  const subscriptionId = row.id as string;
  const accountId = row.accountId as string;
  const inAccount = held.get(accountId) ?? [];
  const inSymbol = inAccount.filter((position) => position.instrumentId === instrument.id);
  const own = inSymbol.find((position) => position.subscriptionId === subscriptionId);
  const others = inSymbol.filter((position) => position.subscriptionId !== subscriptionId);
  const sum = (positions: readonly OwnPosition[]): Dec =>
    positions.reduce((total, position) => total.plus(position.margin), ZERO);
  const fresh = row.equityAt !== null && now - (row.equityAt as Date).getTime() <= EQUITY_VALID_FOR;
  const snapshot: FollowerSnapshot = {
    subscriptionId,
    customerId: row.customerId as string,
    accountId,
    instrument,
    positionMode: row.positionMode as PositionMode,
    heldSide: own?.side ?? null,
    heldQuantity: own?.quantity ?? ZERO,
    othersQuantity: others.reduce(
      (total, position) => (position.side === 'long' ? total.plus(position.quantity) : total.minus(position.quantity)),
      ZERO,
    ),
    symbolMargin: sum(inSymbol),
    totalMargin: sum(inAccount),
    equity: fresh ? optional(row.equity) : null,
    available: fresh ? optional(row.available) : null,
    customerActive: row.customerStatus === 'active',
    subscriptionActive: row.status === 'active',
    accountProblem: accountProblem(row),
    customerKillSwitch: row.killSwitch as KillSwitchLevel,
    allowedSymbols: null,
    followRatio: optional(row.followRatio) ?? dec(String(row.strategyRatio)),
    sizingMode: ((row.sizingMode ?? row.strategyMode) as SizingMode | null) ?? 'ratio',
    sizingValue: row.sizingMode === null ? optional(row.strategyValue) : optional(row.sizingValue),
    forceMinimum: Boolean(row.forceMinimum),
    reverse: Boolean(row.reverse),
    roundingDebt: owed.get(subscriptionId) ?? ZERO,
    customerMaxLeverage: optional(row.customerLeverage),
    subscriptionMaxLeverage: optional(row.maxLeverage),
    customerLimits: {
      maxOrderShare: optional(row.customerOrderShare),
      maxSymbolShare: optional(row.customerSymbolShare),
      maxTotalShare: optional(row.customerTotalShare),
    },
    subscriptionLimits: {
      maxOrderShare: optional(row.maxOrderShare),
      maxSymbolShare: optional(row.maxSymbolShare),
      maxTotalShare: optional(row.maxTotalShare),
      maxSlippage: optional(row.maxSlippage),
    },
  };
  return { strategyId: row.strategyId as string, mode: row.mode as Follower['mode'], snapshot };
}

/** An unchecked key was never proved to work: it does not trade. */
function accountProblem(row: Row): string | null {
  if (row.health === 'healthy') return null;
  return (row.healthCode as string | null) ?? 'NOT_CHECKED';
}
