import { randomBytes, randomUUID } from 'node:crypto';
import { type Dec, dec } from '@/domain/decimal';
import type { Journal, StoredState } from './journal';
import {
  type Account,
  type AccountLevel,
  type AlgoOrder,
  type Bill,
  type ClosedPosition,
  type Fill,
  isTerminal,
  type Order,
  type Position,
  type PosMode,
  positionKey,
} from './model';
import { reviveDecimals } from './revive';

export interface NewAccount {
  readonly balance: Dec;
  readonly posMode: PosMode;
  readonly level: AccountLevel;
  readonly owner: string;
  readonly mainUid: string;
  readonly label: string;
  readonly perm: string;
  readonly ip: string;
}

/** Every account of the venue, and what of it is remembered. */
export class AccountStore {
  readonly byUid = new Map<string, Account>();
  readonly byApiKey = new Map<string, Account>();
  private readonly records = new Map<string, { toJSON(): unknown }>();

  constructor(
    private readonly journal: Journal,
    private readonly nextId: () => string,
    private readonly now: () => number,
  ) {}

  create(wanted: NewAccount): Account {
    const account: Account = {
      uid: this.nextId(),
      owner: wanted.owner,
      mainUid: wanted.mainUid,
      label: wanted.label,
      apiKey: randomUUID(),
      secret: randomBytes(16).toString('hex').toUpperCase(),
      passphrase: `Sim-${randomBytes(9).toString('base64url')}`,
      perm: wanted.perm,
      ip: wanted.ip,
      posMode: wanted.posMode,
      level: wanted.level,
      createdAt: this.now(),
      cash: wanted.balance,
      coins: new Map(),
      uTime: this.now(),
      leverage: new Map(),
      ...emptyCollections(),
    };
    this.add(account);
    this.touch(account);
    return account;
  }

  private add(account: Account): void {
    this.byUid.set(account.uid, account);
    this.byApiKey.set(account.apiKey, account);
    this.records.set(account.uid, { toJSON: () => storedAccount(account) });
  }

  touch(account: Account): void {
    this.journal.touch('account', account.uid, this.records.get(account.uid));
  }

  touchOrder(order: Order): void {
    this.journal.touch('order', order.ordId, order);
  }

  touchAlgo(algo: AlgoOrder): void {
    this.journal.touch('algo', algo.algoId, algo);
  }

  touchPosition(position: Position): void {
    const key = `${position.uid}|${positionKey(position.instId, position.posSide, position.mgnMode)}`;
    this.journal.touch('position', key, position);
  }

  addFill(account: Account, fill: Fill): void {
    account.fills.push(fill);
    this.journal.touch('fill', fill.billId, fill);
  }

  addBill(account: Account, bill: Bill): void {
    account.bills.push(bill);
    this.journal.touch('bill', bill.billId, bill);
  }

  /** One record a position, from its opening to its end; the last to change is the last in the list. */
  putClosed(account: Account, closed: ClosedPosition): void {
    for (let index = account.closed.length - 1; index >= 0; index--) {
      const before = account.closed[index];
      if (!before || before.uTime < closed.cTime) break;
      if (before.posId !== closed.posId || before.cTime !== closed.cTime) continue;
      account.closed.splice(index, 1);
      break;
    }
    account.closed.push(closed);
    this.journal.touch('closed', `${closed.posId}|${closed.cTime}`, closed);
  }

  /** Brings back what the journal held. */
  restore(stored: StoredState): void {
    for (const value of stored.of('account').values()) this.add(reviveAccount(value));
    for (const value of stored.of('order').values()) {
      const order = reviveDecimals(value, ORDER_DECIMALS) as unknown as Order;
      if (order.lastFill) {
        order.lastFill = reviveDecimals(order.lastFill, ['px', 'sz', 'fee', 'pnl']) as unknown as Order['lastFill'];
      }
      this.byUid.get(order.uid)?.orders.set(order.ordId, order);
    }
    for (const value of stored.of('position').values()) {
      const position = reviveDecimals(value, POSITION_DECIMALS) as unknown as Position;
      const key = positionKey(position.instId, position.posSide, position.mgnMode);
      this.byUid.get(position.uid)?.positions.set(key, position);
    }
    for (const value of stored.of('algo').values()) {
      const algo = value as AlgoOrder;
      const account = this.byUid.get(algo.uid);
      account?.algos.set(algo.algoId, algo);
      if (algo.state === 'live') account?.liveAlgos.set(algo.algoId, algo);
    }
    for (const value of stored.of('fill').values()) {
      const fill = reviveDecimals(value, FILL_DECIMALS) as unknown as Fill;
      this.byUid.get(fill.uid)?.fills.push(fill);
    }
    for (const value of stored.of('bill').values()) {
      const bill = reviveDecimals(value, ['balance', 'balanceChange']) as unknown as Bill;
      this.byUid.get(bill.uid)?.bills.push(bill);
    }
    for (const value of stored.of('closed').values()) {
      const closed = reviveDecimals(value, CLOSED_DECIMALS) as unknown as ClosedPosition;
      this.byUid.get(closed.uid)?.closed.push(closed);
    }
    for (const account of this.byUid.values()) index(account);
  }
}

const ORDER_DECIMALS = ['px', 'sz', 'accFillSz', 'fillValue', 'avgPx', 'fee', 'pnl'];
const POSITION_DECIMALS = [
  'pos',
  'avgPx',
  'lever',
  'margin',
  'pnl',
  'fee',
  'fundingFee',
  'liqPenalty',
  'closedSz',
  'closedValue',
  'maxPos',
];
const FILL_DECIMALS = ['px', 'sz', 'fee', 'feeRate', 'pnl', 'balance', 'balanceChange'];
const CLOSED_DECIMALS = [
  'lever',
  'openAvgPx',
  'closeAvgPx',
  'closeTotalPos',
  'openMaxPos',
  'pnl',
  'fee',
  'fundingFee',
  'liqPenalty',
];

function emptyCollections(): Pick<
  Account,
  'positions' | 'pending' | 'orders' | 'byClientId' | 'algos' | 'liveAlgos' | 'fills' | 'bills' | 'closed'
> {
  return {
    positions: new Map(),
    pending: new Map(),
    orders: new Map(),
    byClientId: new Map(),
    algos: new Map(),
    liveAlgos: new Map(),
    fills: [],
    bills: [],
    closed: [],
  };
}

function index(account: Account): void {
  const orders = [...account.orders.values()].sort((a, b) => (a.ordId < b.ordId ? -1 : 1));
  account.orders = new Map(orders.map((order) => [order.ordId, order]));
  for (const order of orders) {
    if (!isTerminal(order.state)) account.pending.set(order.ordId, order);
    if (order.clOrdId) account.byClientId.set(order.clOrdId, order);
  }
  account.fills.sort((a, b) => (a.billId < b.billId ? -1 : 1));
  account.bills.sort((a, b) => (a.billId < b.billId ? -1 : 1));
  account.closed.sort((a, b) => a.uTime - b.uTime);
}

/** The account alone: orders, positions and fills are remembered one by one. */
function storedAccount(account: Account): unknown {
  const { uid, mainUid, owner, label, apiKey, secret, passphrase, perm, ip } = account;
  const { posMode, level, createdAt, cash, uTime } = account;
  const leverage = [...account.leverage];
  const coins = [...account.coins];
  return {
    uid,
    mainUid,
    owner,
    label,
    apiKey,
    secret,
    passphrase,
    perm,
    ip,
    posMode,
    level,
    createdAt,
    cash,
    coins,
    uTime,
    leverage,
  };
}

function reviveAccount(value: unknown): Account {
  const stored = value as ReturnType<typeof reviveDecimals> & {
    leverage: [string, string][];
    cash: string;
    level?: AccountLevel;
    coins?: [string, string][];
  };
  return {
    ...(stored as unknown as Account),
    // Those that were kept before sub-accounts were known are none.
    mainUid: (stored as { mainUid?: string }).mainUid ?? '',
    // Accounts of journals from before there were others are in futures mode and hold USDT alone.
    level: stored.level ?? 'futures',
    cash: dec(stored.cash),
    coins: new Map((stored.coins ?? []).map(([ccy, amount]) => [ccy, dec(amount)])),
    leverage: new Map(stored.leverage),
    ...emptyCollections(),
  };
}
