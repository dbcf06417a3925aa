import { ACCOUNT_MODES, type AccountMode } from '@/domain/account-mode';
import { BALANCE_VALID_FOR } from '@/domain/balance-age';
import { isWithin } from '@/domain/bounds';
import { NO_DEBTS, type SideDebts, withDebt } from '@/domain/debts';
import type { FollowerSnapshot } from '@/domain/decide';
import { type Dec, isAboveZero, isBelowZero, maxDec, minDec, sum, ZERO } from '@/domain/decimal';
import type { ExitCause } from '@/domain/exit';
import { type Instrument, notional } from '@/domain/instrument';
import type { KillSwitchLevel, PositionMode } from '@/domain/risk/types';
import type { PositionSide } from '@/domain/signal';
import type { SizingMode } from '@/domain/sizing';
import type { MarginMode } from '@/exchanges/port';
import { Prisma, type RawReader } from '@/platform/database/database';
import { innerText, NumberReader, required, sqlTime, textRows } from '@/platform/database/text-rows';
import { KEY_MARK } from '../accounts/credentials';
import type { AccountToOpen } from '../execution/key-ring';
import { IS_TRUSTED } from '../execution/leverage-notes';
import type { Follower, FollowerExit } from './follower';
import { type FollowerCursor, type FollowerRange, type FollowersInOrder, inOrder } from './follower-order';
import { type FollowerIds, unreadableFollower } from './unreadable-follower';

/** After the venue refused to change a leverage it is tried again when this has passed, ms: what rested there may be gone. */
const LEVERAGE_FIXED_FOR = 10 * 60_000;

/** His place in the order of followers. */
export function cursorOf({ strategyId, snapshot }: Follower): FollowerCursor {
  return { strategyId, accountId: snapshot.accountId };
}

/** The accounts of followers, for their keys to be opened. */
export function accountsOf(followers: readonly Follower[]): readonly AccountToOpen[] {
  return followers.map(({ snapshot, mode, marginMode, keyMark }) => {
    const { accountId: id, positionMode, instrument } = snapshot;
    return { id, venue: instrument.venue, mode, marginMode, positionMode, keyMark };
  });
}

/** The price that margin of an order `w` is reckoned with, as `worthPrice` has it. */
const WORTH_PRICE = `CASE WHEN w.side = 'sell' AND w.decisionPrice > w.limitPrice THEN w.decisionPrice
  ELSE COALESCE(w.limitPrice, w.decisionPrice, 0) END`;

/** What people set: mostly the same for many followers. */
const SETTINGS = innerText({
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
  reduceToCap: 's.reduceToCap',
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
  health: 'a.health',
  healthCode: 'a.healthCode',
});
type SettingsRow = ReturnType<typeof SETTINGS.parse>;

const COLUMNS = {
  id: 's.id',
  customerId: 's.customerId',
  accountId: 's.accountId',
  strategyId: 's.strategyId',
  settings: SETTINGS.sql,
  keyMark: KEY_MARK,
  leverageSet: 'v.leverage',
  leverageRefusedAt: 'v.refusedAt',
  leverageTrusted: `v.${IS_TRUSTED}`,
  equity: 'a.equity',
  available: 'a.available',
  // By the clock that wrote it.
  isFresh: `a.equityAt >= UTC_TIMESTAMP(3) - INTERVAL ${BALANCE_VALID_FOR / 1000} SECOND`,
  debts: `(SELECT GROUP_CONCAT(d.side, ',', d.quantity ORDER BY d.side DESC SEPARATOR ';') FROM RoundingDebt d
    WHERE d.subscriptionId = s.id AND d.instrumentId = i.id AND d.quantity <> 0)`,
  // Everything that his account holds, whichever strategy opened it.
  positions: `(SELECT JSON_ARRAYAGG(CONCAT_WS(',', p.subscriptionId, p.instrumentId, p.side, p.quantity, p.cost, p.leverage))
    FROM Position p FORCE INDEX (Position_accountId_instrumentId_idx)
    WHERE p.accountId = a.id AND p.tenantId = s.tenantId AND p.quantity > 0)`,
  // Entries that may still fill: they will bind margin although nothing is held yet. Closes that are on their way: what they take is held
  // no more. Of an exit, what it takes is also not to be closed any more.
  working: `(SELECT JSON_ARRAYAGG(CONCAT_WS(',', w.leg, w.instrumentId, w.quantity, w.bookedQuantity, wi.contractValue,
      ${WORTH_PRICE}, w.leverage, w.subscriptionId, w.positionSide,
      w.orderType, (SELECT g.format FROM \`Signal\` g WHERE w.leg = 'close' AND g.id = w.signalId)))
    FROM Trade w FORCE INDEX (Trade_accountId_status_idx) JOIN Instrument wi ON wi.id = w.instrumentId
    WHERE w.accountId = a.id AND w.tenantId = s.tenantId AND (w.leg = 'open' OR (w.leg = 'close' AND w.orderType = 'market'))
      AND w.status IN ('planned', 'unknown', 'live', 'partially_filled'))`,
};
const FOLLOWER = textRows(COLUMNS);
type FollowerRow = ReturnType<typeof FOLLOWER.read>;

/** Followers of whom a signal of our own closes something, and what of each. */
const LEAVING = textRows({ ...COLUMNS, exit: "CONCAT_WS(',', x.side, x.cause, x.most)" });

type Row = { readonly row: string };

type OwnPosition = {
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  readonly quantity: Dec;
  readonly margin: Dec;
  readonly leverage: Dec;
};

/** Orders of the account, whichever strategy's, that may still fill. */
type Working = { readonly entries: readonly WorkingEntry[]; readonly closes: readonly WorkingClose[] };

type WorkingOrder = {
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  /** What is not booked of it, contracts. */
  readonly quantity: Dec;
};

type WorkingEntry = WorkingOrder & {
  /** By intention. */
  readonly rests: boolean;
  readonly margin: Dec;
};

/** A close at market. */
type WorkingClose = WorkingOrder & {
  /** Of which format its signal is: an exit closes what earlier closes left undone. */
  readonly format: string;
};

export type FollowerQuery = FollowersInOrder & {
  readonly range: FollowerRange;
  readonly instrument: Instrument;
  readonly now: number;
};

/**
 * Reads the followers of a range in one statement, so that each is seen as he is at one moment: subscription, customer and account,
 * what the account holds, and what rounding owes him in this instrument.
 */
export async function readFollowers(db: RawReader, query: FollowerQuery): Promise<readonly Follower[]> {
  const { instrument, now, range } = query;
  const selection = inOrder(query, range);
  if (selection === null) return [];
  const columns = query.closedBy === undefined ? FOLLOWER.columns : LEAVING.columns;
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT STRAIGHT_JOIN ${columns}
    FROM ${selection.from}
    JOIN Strategy t ON t.id = s.strategyId
    JOIN Customer c ON c.id = s.customerId
    JOIN ExchangeAccount a ON a.id = s.accountId
    JOIN Instrument i ON i.id = ${instrument.id}
    LEFT JOIN AccountLeverage v ON v.accountId = a.id AND v.instrumentId = i.id AND v.marginMode = a.marginMode
    WHERE ${selection.where} AND a.venue = ${instrument.venue}
    ORDER BY ${selection.order}`);
  const numbers = new NumberReader();
  const settings = new SettingsReader(numbers);
  const fixedFrom = sqlTime(new Date(now - LEVERAGE_FIXED_FOR));
  const followers: Follower[] = [];
  for (const row of rows) {
    try {
      const follower = query.closedBy === undefined ? { ...FOLLOWER.read(row), exit: null } : LEAVING.read(row);
      const { isFresh, leverageRefusedAt } = follower;
      const seen = {
        freshEquity: isFresh === '1',
        fixedLeverage: leverageRefusedAt !== null && leverageRefusedAt >= fixedFrom,
      };
      followers.push(toFollower(follower, settings.of(required(follower, 'settings')), instrument, seen, numbers));
    } catch (error) {
      // One row that makes no sense must not keep all others of its slice from their orders.
      followers.push(unreadableFollower(idsOf(row), instrument, String(error)));
    }
  }
  return followers;
}

/** They come first, before anything that could shift the values of a row. */
function idsOf(row: Row): FollowerIds {
  const [subscriptionId = '', customerId = '', accountId = '', strategyId = ''] = FOLLOWER.first(row, 4);
  return { subscriptionId, customerId, accountId, strategyId };
}

/** The modes that the followers of some strategies trade in: the accounts of each are gone through until one follows. */
export async function readModes(
  db: RawReader,
  tenantId: string,
  strategyIds: readonly string[],
  venue: string,
): Promise<readonly AccountMode[]> {
  if (strategyIds.length === 0) return [];
  // From the accounts of each mode: a mode that few have, or nobody, is soon known. EXISTS would be turned into a join over all followers.
  const used = ACCOUNT_MODES.map(
    (mode) => Prisma.sql`SELECT ${Prisma.raw(`'${mode}'`)} AS mode FROM DUAL
      WHERE (SELECT STRAIGHT_JOIN 1 FROM ExchangeAccount a
        JOIN Subscription s FORCE INDEX (Subscription_strategyId_accountId_key) ON s.accountId = a.id
        WHERE a.tenantId = ${tenantId} AND a.venue = ${venue} AND a.mode = ${mode} AND s.tenantId = ${tenantId}
          AND s.strategyId IN (${Prisma.join([...strategyIds])}) AND s.status IN ('active', 'paused') LIMIT 1) = 1`,
  );
  const rows = await db.$queryRaw<{ mode: AccountMode }[]>(Prisma.join(used, ' UNION ALL '));
  return rows.map(({ mode }) => mode);
}

function toPositions(text: string | null, numbers: NumberReader): readonly OwnPosition[] {
  if (text === null) return NO_POSITIONS;
  return (JSON.parse(text) as string[]).map((position) => {
    const [subscriptionId = '', instrumentId = '', side, quantity = '', cost = '', leverage = ''] = position.split(',');
    return {
      subscriptionId,
      instrumentId,
      side: side as PositionSide,
      quantity: numbers.of(quantity),
      margin: marginAt(numbers.of(cost), numbers.of(leverage)),
      leverage: numbers.of(leverage),
    };
  });
}

const NO_POSITIONS: readonly OwnPosition[] = [];

function optional(numbers: NumberReader, text: string | null): Dec | null {
  return text === null ? null : numbers.of(text);
}

/** A leverage that nothing can have borrows nothing. */
function marginAt(worth: Dec, leverage: Dec): Dec {
  return isAboveZero(leverage) ? worth.div(leverage) : worth;
}

/** What is on its way for an account: the margin that entries bind once they are filled, and what closes will take. */
function toWorking(text: string | null, numbers: NumberReader): Working {
  if (text === null) return NOTHING_WORKING;
  const entries: WorkingEntry[] = [];
  const closes: WorkingClose[] = [];
  for (const order of JSON.parse(text) as string[]) {
    const [leg, instrumentId = '', quantity = '', booked = '', contractValue = '', price = '', leverage = '', ...rest] =
      order.split(',');
    const [subscriptionId = '', side, orderType, format = ''] = rest;
    const left = numbers.of(quantity).minus(numbers.of(booked));
    const of = { subscriptionId, instrumentId, side: side as PositionSide, quantity: left };
    if (leg === 'close') {
      closes.push({ ...of, format });
      continue;
    }
    const worth = notional({ contractValue: numbers.of(contractValue) }, left, numbers.of(price));
    entries.push({ ...of, rests: orderType === 'limit', margin: marginAt(worth, numbers.of(leverage)) });
  }
  return { entries, closes };
}

const NOTHING_WORKING: Working = { entries: [], closes: [] };

function toExit(text: string | null, numbers: NumberReader): FollowerExit | null {
  if (text === null) return null;
  const [side, cause, most] = text.split(',');
  return {
    side: side as PositionSide,
    cause: cause as ExitCause,
    most: most === undefined ? null : numbers.of(most),
  };
}

function marginOf(positions: readonly { readonly margin: Dec }[]): Dec {
  let total = ZERO;
  for (const { margin } of positions) total = sum(total, margin);
  return total;
}

type Settings = ReturnType<typeof toSettings>;

/** Understands the settings of one read: those of many followers are the same text. */
class SettingsReader {
  readonly #known = new Map<string, Settings>();

  constructor(readonly numbers: NumberReader) {}

  of(text: string): Settings {
    let settings = this.#known.get(text);
    if (settings === undefined) {
      settings = toSettings(SETTINGS.parse(text), this.numbers);
      this.#known.set(text, settings);
    }
    return settings;
  }
}

function toSettings(row: SettingsRow, numbers: NumberReader) {
  return {
    mode: row.mode as AccountMode,
    marginMode: row.marginMode as MarginMode,
    positionMode: row.positionMode as PositionMode,
    customerActive: row.customerStatus === 'active',
    subscriptionActive: row.status === 'active',
    accountProblem: accountProblem(row),
    customerKillSwitch: row.killSwitch as KillSwitchLevel,
    followRatio: optional(numbers, row.followRatio) ?? numbers.of(required(row, 'strategyRatio')),
    sizingMode: ((row.sizingMode ?? row.strategyMode) as SizingMode | null) ?? 'ratio',
    sizingValue: row.sizingMode === null ? optional(numbers, row.strategyValue) : optional(numbers, row.sizingValue),
    forceMinimum: row.forceMinimum === '1',
    reduceToCap: row.reduceToCap === '1',
    reverse: row.reverse === '1',
    customerMaxLeverage: optional(numbers, row.customerLeverage),
    subscriptionMaxLeverage: optional(numbers, row.maxLeverage),
    customerLimits: {
      maxOrderShare: optional(numbers, row.customerOrderShare),
      maxSymbolShare: optional(numbers, row.customerSymbolShare),
      maxTotalShare: optional(numbers, row.customerTotalShare),
    },
    subscriptionLimits: {
      maxOrderShare: optional(numbers, row.maxOrderShare),
      maxSymbolShare: optional(numbers, row.maxSymbolShare),
      maxTotalShare: optional(numbers, row.maxTotalShare),
      maxSlippage: optional(numbers, row.maxSlippage),
    },
  };
}

function toFollower(
  row: FollowerRow & { readonly exit: string | null },
  settings: Settings,
  instrument: Instrument,
  seen: { readonly freshEquity: boolean; readonly fixedLeverage: boolean },
  numbers: NumberReader,
): Follower {
  const subscriptionId = required(row, 'id');
  const accountId = required(row, 'accountId');
  const leverageSet = optional(numbers, row.leverageSet);
  const inAccount = toPositions(row.positions, numbers);
  const inSymbol = inAccount.filter((position) => position.instrumentId === instrument.id);
  const working = toWorking(row.working, numbers);
  const exit = toExit(row.exit, numbers);
  const own = inSymbol.find(
    (position) => position.subscriptionId === subscriptionId && (exit === null || position.side === exit.side),
  );
  const closes = working.closes.filter(
    (close) =>
      close.subscriptionId === subscriptionId && close.instrumentId === instrument.id && close.side === own?.side,
  );
  const entering = working.entries.filter(
    (entry) =>
      !entry.rests &&
      entry.subscriptionId === subscriptionId &&
      entry.instrumentId === instrument.id &&
      (own === undefined || entry.side === own.side),
  );
  const others = inSymbol.filter((position) => position.subscriptionId !== subscriptionId);
  const snapshot: FollowerSnapshot = {
    subscriptionId,
    customerId: required(row, 'customerId'),
    accountId,
    instrument,
    positionMode: settings.positionMode,
    heldSide: own?.side ?? null,
    heldQuantity: own?.quantity ?? ZERO,
    closing: quantityOf(closes),
    entering: quantityOf(entering),
    enteringSide: entering[0]?.side ?? null,
    closableAtMost: exit?.most ?? null,
    othersQuantity: others.reduce(
      (total, position) => (position.side === 'long' ? total.plus(position.quantity) : total.minus(position.quantity)),
      ZERO,
    ),
    othersLeverage: others.reduce<Dec | null>(
      (least, { leverage }) => (least === null ? leverage : minDec(least, leverage)),
      null,
    ),
    symbolMargin: marginOf(inSymbol),
    totalMargin: marginOf(inAccount),
    symbolWorking: marginOf(working.entries.filter(({ instrumentId }) => instrumentId === instrument.id)),
    totalWorking: marginOf(working.entries),
    equity: seen.freshEquity ? credible(optional(numbers, row.equity)) : null,
    available: seen.freshEquity ? credible(optional(numbers, row.available)) : null,
    customerActive: settings.customerActive,
    subscriptionActive: settings.subscriptionActive,
    accountProblem: settings.accountProblem,
    customerKillSwitch: settings.customerKillSwitch,
    allowedSymbols: null,
    followRatio: settings.followRatio,
    sizingMode: settings.sizingMode,
    sizingValue: settings.sizingValue,
    forceMinimum: settings.forceMinimum,
    reduceToCap: settings.reduceToCap,
    reverse: settings.reverse,
    debts: debtsOf(row.debts, own, closes, numbers),
    customerMaxLeverage: settings.customerMaxLeverage,
    subscriptionMaxLeverage: settings.subscriptionMaxLeverage,
    fixedLeverage: seen.fixedLeverage ? leverageSet : null,
    customerLimits: settings.customerLimits,
    subscriptionLimits: settings.subscriptionLimits,
  };
  return {
    strategyId: required(row, 'strategyId'),
    mode: settings.mode,
    snapshot,
    marginMode: settings.marginMode,
    keyMark: required(row, 'keyMark'),
    leverageSet,
    leverageTrusted: row.leverageTrusted === '1',
    exit,
  };
}

/** Null: nobody can own, or owe, so much. */
function credible(amount: Dec | null): Dec | null {
  return amount === null || isWithin('balance', amount.abs()) ? amount : null;
}

/** What is owed on each side. More than all that is held there cannot be held too much: a stop order may have closed it meanwhile. */
function debtsOf(
  text: string | null,
  own: OwnPosition | undefined,
  closes: readonly WorkingClose[],
  numbers: NumberReader,
): SideDebts {
  if (text === null) return NO_DEBTS;
  let debts = NO_DEBTS;
  for (const debt of text.split(';')) {
    const [side, quantity = ''] = debt.split(',');
    const holds = own !== undefined && own.side === side;
    const owed = numbers.of(quantity);
    const held = holds ? own.quantity : ZERO;
    const counted = isBelowZero(owed) ? maxDec(owed, held.neg()) : owed;
    debts = withDebt(debts, side as PositionSide, holds ? repaid(counted, closes) : counted);
  }
  return debts;
}

function quantityOf(orders: readonly { readonly quantity: Dec }[]): Dec {
  let total = ZERO;
  for (const { quantity } of orders) total = sum(total, quantity);
  return total;
}

/** What exits close now was left undone before, and is not to be closed once more. */
function repaid(debt: Dec, closes: readonly WorkingClose[]): Dec {
  if (closes.length === 0 || !isBelowZero(debt)) return debt;
  return minDec(ZERO, debt.plus(quantityOf(closes.filter(({ format }) => format === 'exit'))));
}

/** An unchecked key was never proved to work: it does not trade. */
function accountProblem(row: SettingsRow): string | null {
  if (row.health === 'healthy') return null;
  return row.healthCode ?? 'NOT_CHECKED';
}
