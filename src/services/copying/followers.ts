import type { FollowerSnapshot } from '@/domain/decide';
import { type Dec, minDec, ZERO } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import type { KillSwitchLevel, PositionMode } from '@/domain/risk/types';
import type { PositionSide } from '@/domain/signal';
import type { SizingMode } from '@/domain/sizing';
import type { AccountMode, MarginMode } from '@/exchanges/port';
import { Prisma, type TenantClient } from '@/platform/database/database';
import { numberReader, required, textRows, timeOfText } from '@/platform/database/text-rows';
import type { AccountToOpen } from '../execution/key-ring';

/** Equity older than this is not relied on, ms. */
const EQUITY_VALID_FOR = 15 * 60_000;

/** A follower of one strategy, as the decision sees him, and what execution needs beside it. */
export type Follower = {
  readonly strategyId: string;
  readonly mode: AccountMode;
  readonly snapshot: FollowerSnapshot;
  readonly marginMode: MarginMode;
  /** Changes with the account's sealed key. */
  readonly keyMark: string;
  /** What his account is known to use in this instrument; null: nothing is known. */
  readonly leverageSet: Dec | null;
};

/** The accounts of followers, for their keys to be opened. */
export function accountsOf(followers: readonly Follower[]): readonly AccountToOpen[] {
  return followers.map(({ snapshot, mode, marginMode, keyMark }) => {
    const { accountId: id, positionMode, instrument } = snapshot;
    return { id, venue: instrument.venue, mode, marginMode, positionMode, keyMark };
  });
}

const FOLLOWER = textRows({
  id: 's.id',
  customerId: 's.customerId',
  accountId: 's.accountId',
  strategyId: 's.strategyId',
  status: 's.status',
  followRatio: 's.followRatio',
  sizingMode: 's.sizingMode',
  sizingValue: 's.sizingValue',
  maxLeverage: 's.maxLeverage',
  maxOrderShare: 's.maxOrderShare',
  maxSymbolShare: 's.maxSymbolShare',
  maxTotalShare: 's.maxTotalShare',
  maxSlippage: 's.maxSlippage',
  forceMinimum: 's.forceMinimum',
  reverse: 's.reverse',
  strategyRatio: 't.followRatio',
  strategyMode: 't.sizingMode',
  strategyValue: 't.sizingValue',
  customerStatus: 'c.status',
  killSwitch: 'c.killSwitch',
  customerLeverage: 'c.maxLeverage',
  customerOrderShare: 'c.maxOrderShare',
  customerSymbolShare: 'c.maxSymbolShare',
  customerTotalShare: 'c.maxTotalShare',
  mode: 'a.mode',
  positionMode: 'a.positionMode',
  marginMode: 'a.marginMode',
  keyMark: 'MD5(a.credentials)',
  leverageSet: 'v.leverage',
  health: 'a.health',
  healthCode: 'a.healthCode',
  equity: 'a.equity',
  available: 'a.available',
  equityAt: 'a.equityAt',
});
type FollowerRow = ReturnType<typeof FOLLOWER.read>;

const POSITION = textRows({
  subscriptionId: 'p.subscriptionId',
  accountId: 'p.accountId',
  instrumentId: 'p.instrumentId',
  side: 'p.side',
  quantity: 'p.quantity',
  cost: 'p.cost',
  leverage: 'p.leverage',
});
const DEBT = textRows({ subscriptionId: 'd.subscriptionId', quantity: 'd.quantity' });

type Row = { readonly row: string };
type Numbers = ReturnType<typeof numberReader>;

type OwnPosition = {
  subscriptionId: string;
  accountId: string;
  instrumentId: string;
  side: PositionSide;
  quantity: Dec;
  margin: Dec;
  leverage: Dec;
};

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
      SELECT ${FOLLOWER.columns}
      FROM Subscription s
      JOIN Strategy t ON t.id = s.strategyId
      JOIN Customer c ON c.id = s.customerId
      JOIN ExchangeAccount a ON a.id = s.accountId
      LEFT JOIN AccountLeverage v ON v.accountId = a.id AND v.instrumentId = ${instrument.id} AND v.marginMode = a.marginMode
      WHERE s.tenantId = ${tenantId} AND t.signalSourceId = ${sourceId} AND s.status IN (${Prisma.join(statuses)}) AND a.venue = ${instrument.venue}`),
    db.$queryRaw<Row[]>(Prisma.sql`
      SELECT ${POSITION.columns} FROM Position p
      WHERE p.tenantId = ${tenantId} AND p.quantity > 0
        AND p.accountId IN (SELECT accountId FROM Subscription WHERE tenantId = ${tenantId} AND strategyId IN (${ofSource}))`),
    db.$queryRaw<Row[]>(Prisma.sql`
      SELECT ${DEBT.columns} FROM RoundingDebt d
      WHERE d.tenantId = ${tenantId} AND d.instrumentId = ${instrument.id} AND d.quantity <> 0
        AND d.subscriptionId IN (SELECT id FROM Subscription WHERE tenantId = ${tenantId} AND strategyId IN (${ofSource}))`),
  ]);

  const number = numberReader();
  const held = indexPositions(positions, number);
  const owed = new Map(
    debts.map((row) => {
      const debt = DEBT.read(row);
      return [required(debt, 'subscriptionId'), number(required(debt, 'quantity'))];
    }),
  );
  const times = new Map<string, number>();
  const time = (text: string): number => {
    const at = times.get(text) ?? timeOfText(text);
    times.set(text, at);
    return at;
  };
  return rows.map((row) => {
    const follower = FOLLOWER.read(row);
    const fresh = follower.equityAt !== null && now - time(follower.equityAt) <= EQUITY_VALID_FOR;
    return toFollower(follower, instrument, held, owed, fresh, number);
  });
}

function indexPositions(rows: readonly Row[], number: Numbers): Map<string, OwnPosition[]> {
  const byAccount = new Map<string, OwnPosition[]>();
  for (const text of rows) {
    const row = POSITION.read(text);
    const position: OwnPosition = {
      subscriptionId: required(row, 'subscriptionId'),
      accountId: required(row, 'accountId'),
      instrumentId: required(row, 'instrumentId'),
      side: required(row, 'side') as PositionSide,
      quantity: number(required(row, 'quantity')),
      margin: number(required(row, 'cost')).div(number(required(row, 'leverage'))),
      leverage: number(required(row, 'leverage')),
    };
    const list = byAccount.get(position.accountId);
    if (list === undefined) byAccount.set(position.accountId, [position]);
    else list.push(position);
  }
  return byAccount;
}

function toFollower(
  row: FollowerRow,
  instrument: Instrument,
  held: ReadonlyMap<string, readonly OwnPosition[]>,
  owed: ReadonlyMap<string, Dec>,
  fresh: boolean,
  number: Numbers,
): Follower {
  const optional = (text: string | null): Dec | null => (text === null ? null : number(text));
  const subscriptionId = required(row, 'id');
  const accountId = required(row, 'accountId');
  const inAccount = held.get(accountId) ?? [];
  const inSymbol = inAccount.filter((position) => position.instrumentId === instrument.id);
  const own = inSymbol.find((position) => position.subscriptionId === subscriptionId);
  const others = inSymbol.filter((position) => position.subscriptionId !== subscriptionId);
  const sum = (positions: readonly OwnPosition[]): Dec =>
    positions.reduce((total, position) => total.plus(position.margin), ZERO);
  const snapshot: FollowerSnapshot = {
    subscriptionId,
    customerId: required(row, 'customerId'),
    accountId,
    instrument,
    positionMode: row.positionMode as PositionMode,
    heldSide: own?.side ?? null,
    heldQuantity: own?.quantity ?? ZERO,
    othersQuantity: others.reduce(
      (total, position) => (position.side === 'long' ? total.plus(position.quantity) : total.minus(position.quantity)),
      ZERO,
    ),
    othersLeverage: others.reduce<Dec | null>(
      (least, { leverage }) => (least === null ? leverage : minDec(least, leverage)),
      null,
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
    followRatio: optional(row.followRatio) ?? number(required(row, 'strategyRatio')),
    sizingMode: ((row.sizingMode ?? row.strategyMode) as SizingMode | null) ?? 'ratio',
    sizingValue: row.sizingMode === null ? optional(row.strategyValue) : optional(row.sizingValue),
    forceMinimum: row.forceMinimum === '1',
    reverse: row.reverse === '1',
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
  return {
    strategyId: required(row, 'strategyId'),
    mode: row.mode as AccountMode,
    snapshot,
    marginMode: row.marginMode as MarginMode,
    keyMark: required(row, 'keyMark'),
    leverageSet: optional(row.leverageSet),
  };
}

/** An unchecked key was never proved to work: it does not trade. */
function accountProblem(row: FollowerRow): string | null {
  if (row.health === 'healthy') return null;
  return row.healthCode ?? 'NOT_CHECKED';
}
