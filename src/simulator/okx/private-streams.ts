import {
  type Account,
  type AlgoOrder,
  amountText,
  type Fill,
  type HoldingsReason,
  type Order,
  type Position,
} from '../engine/model';
import type { Venue, VenueEvents } from '../engine/venue';
import { covers } from './channels';
import { algoRow, balanceRow, fillPushRow, positionRow, pushOrderRow } from './rows';
import type { StreamSession, Subscription } from './stream-session';

interface Waiting {
  readonly session: StreamSession;
  readonly text: string;
  readonly channel: string;
  readonly instId: string | undefined;
  readonly uid: string;
}

/** What changed for one reason since the last push. */
interface AccountChanges {
  readonly reason: HoldingsReason;
  readonly positions: Map<Position, string>;
}

/** Messages per turn of the event loop. */
const SLICE = 64;

/**
 * Pushes to logged-in connections. Rows of orders are taken at the moment of the event; positions and balances are gathered
 * and told once. Everything leaves after the current request was answered, so that a burst of orders is acknowledged first.
 */
export class PrivateStreams implements VenueEvents {
  private readonly sessions = new Map<string, Set<StreamSession>>();
  private waiting: Waiting[] = [];
  private readonly changes = new Map<Account, AccountChanges[]>();
  private next = 0;
  private scheduled = false;
  private unrepeated: string[] = [];
  private turn = 0;

  constructor(private readonly venue: Venue) {}

  login(session: StreamSession, account: Account): void {
    session.accounts.set(account.uid, account);
    let sessions = this.sessions.get(account.uid);
    if (!sessions) {
      sessions = new Set();
      this.sessions.set(account.uid, sessions);
    }
    sessions.add(session);
  }

  remove(session: StreamSession): void {
    for (const uid of session.accounts.keys()) {
      const sessions = this.sessions.get(uid);
      sessions?.delete(session);
      if (sessions?.size === 0) this.sessions.delete(uid);
    }
  }

  connections(uid: string, channel: string): number {
    let count = 0;
    for (const session of this.sessions.get(uid) ?? []) {
      for (const subscription of session.subscriptions.values()) if (subscription.channel === channel) count += 1;
    }
    return count;
  }

  order(account: Account, order: Order, fill?: Fill): void {
    if (!this.sessions.has(account.uid)) return;
    let text: string | undefined;
    this.each(account, 'orders', order.instId, (session, subscription) => {
      text ??= JSON.stringify([pushOrderRow(order, this.venue.market.quote(order.instId), fill)]);
      this.queue(session, subscription, account.uid, order.instId, text);
    });
    if (!fill) return;
    this.each(account, 'fills', order.instId, (session, subscription) => {
      this.queue(session, subscription, account.uid, order.instId, JSON.stringify([fillPushRow(fill)]));
    });
  }

  algo(account: Account, algo: AlgoOrder): void {
    this.each(account, 'orders-algo', algo.instId, (session, subscription) => {
      const quote = this.venue.market.quote(algo.instId);
      const row = { ...algoRow(algo, quote), amendResult: '', notionalUsd: '', reqId: '' };
      this.queue(session, subscription, account.uid, algo.instId, JSON.stringify([row]));
    });
  }

  holdings(account: Account, reason: HoldingsReason, positions: readonly Position[]): void {
    if (!this.sessions.has(account.uid)) return;
    const groups = this.changes.get(account) ?? [];
    this.changes.set(account, groups);
    let changes = groups.at(-1);
    if (changes?.reason !== reason) {
      changes = { reason, positions: new Map() };
      groups.push(changes);
    }
    for (const position of positions) changes.positions.set(position, position.tradeId);
    this.schedule();
  }

  private each(
    account: Account,
    channel: string,
    instId: string | undefined,
    visit: (session: StreamSession, subscription: Subscription) => void,
  ): void {
    for (const session of this.sessions.get(account.uid) ?? []) {
      for (const subscription of session.subscriptions.values()) {
        if (subscription.channel !== channel) continue;
        if (instId === undefined || covers(subscription.arg, instId)) visit(session, subscription);
      }
    }
  }

  private queue(session: StreamSession, subscription: Subscription, uid: string, instId: string, rows: string): void {
    const text = `{"arg":${withUid(subscription, uid)},"data":${rows}}`;
    this.waiting.push({ session, text, channel: subscription.channel, instId, uid });
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Sends a slice and lets requests that arrived meanwhile go first; orders before positions and balances. */
  private flush(): void {
    let room = SLICE;
    while (room > 0 && this.next < this.waiting.length) {
      const message = this.waiting[this.next++];
      if (message) message.session.push(message.text, message.channel, message.instId, message.uid);
      room -= 1;
    }
    if (this.next === this.waiting.length) {
      this.waiting = [];
      this.next = 0;
    }
    for (const [account, groups] of this.changes) {
      if (room <= 0) break;
      this.changes.delete(account);
      for (const changes of groups) this.flushAccount(account, changes);
      room -= 2;
    }
    this.scheduled = this.waiting.length > 0 || this.changes.size > 0;
    if (this.scheduled) setImmediate(() => this.flush());
  }

  private flushAccount(account: Account, changes: AccountChanges): void {
    const positions = [...changes.positions.keys()];
    this.each(account, 'positions', undefined, (session, subscription) => {
      const rows = positions.filter((position) => covers(subscription.arg, position.instId));
      if (rows.length > 0) this.sendPositions(session, subscription, account, rows, 'event_update');
    });
    this.each(account, 'account', undefined, (session, subscription) =>
      this.sendAccount(session, subscription, account, 'event_update'),
    );
    this.each(account, 'balance_and_position', undefined, (session, subscription) => {
      const trades = [...changes.positions].map(([position, tradeId]) => ({ instId: position.instId, tradeId }));
      const row = balanceAndPosition(account, positions, changes.reason, trades, String(this.venue.clock.now()));
      const text = `{"arg":${withUid(subscription, account.uid)},"data":${JSON.stringify([row])}}`;
      session.push(text, subscription.channel, undefined, account.uid);
    });
  }

  /** What a new subscription is greeted with: positions and balances; the orders channel sends no snapshot. */
  greet(session: StreamSession, subscription: Subscription): void {
    for (const account of session.accounts.values()) {
      if (subscription.channel === 'account') this.sendAccount(session, subscription, account, 'greeting');
      if (subscription.channel === 'positions') this.snapshotPositions(session, subscription, account);
      if (subscription.channel === 'balance_and_position') {
        const open = openPositions(account);
        const row = balanceAndPosition(account, open, 'snapshot', [], String(this.venue.clock.now()));
        const text = `{"arg":${withUid(subscription, account.uid)},"data":${JSON.stringify([row])}}`;
        session.push(text, subscription.channel, undefined, account.uid);
      }
    }
  }

  /**
   * The regular repeat of balances and open positions, a share of the accounts at a time: called `shares` times, it has told
   * everyone once, and thousands of streams are never served in one go. An account without a balance is passed over.
   */
  repeat(shares: number): void {
    if (this.turn === 0) this.unrepeated = [...this.sessions.keys()];
    const now = this.unrepeated.splice(0, Math.ceil(this.unrepeated.length / (shares - this.turn)));
    this.turn = (this.turn + 1) % shares;
    for (const uid of now) {
      const account = this.venue.accounts.byUid.get(uid);
      if (!account) continue;
      this.each(account, 'account', undefined, (session, subscription) => {
        if (wantsRepeats(subscription)) this.sendAccount(session, subscription, account, 'snapshot');
      });
      if (openPositions(account).length === 0) continue;
      this.each(account, 'positions', undefined, (session, subscription) => {
        if (wantsRepeats(subscription)) this.snapshotPositions(session, subscription, account);
      });
    }
  }

  private snapshotPositions(session: StreamSession, subscription: Subscription, account: Account): void {
    const rows = openPositions(account).filter((position) => covers(subscription.arg, position.instId));
    this.sendPositions(session, subscription, account, rows, 'snapshot');
  }

  private sendPositions(
    session: StreamSession,
    subscription: Subscription,
    account: Account,
    positions: readonly Position[],
    eventType: string,
  ): void {
    const pTime = String(this.venue.clock.now());
    const rows = positions.map((position) => ({ ...positionRow(this.venue.market, account, position), pTime }));
    session.push(
      eventMessage(subscription, account.uid, eventType, rows),
      'positions',
      positions[0]?.instId,
      account.uid,
    );
  }

  /** Only currencies with a balance are told: an account that was emptied falls silent after its greeting. */
  private sendAccount(
    session: StreamSession,
    subscription: Subscription,
    account: Account,
    reason: 'greeting' | 'snapshot' | 'event_update',
  ): void {
    const row = balanceRow(this.venue.market, account, subscription.arg.ccy?.split(','));
    if (row.details.length === 0 && reason !== 'greeting') return;
    const eventType = reason === 'event_update' ? reason : 'snapshot';
    session.push(eventMessage(subscription, account.uid, eventType, [row]), 'account', undefined, account.uid);
  }
}

/** `extraParams` is JSON in text; an interval of 0 asks for events alone. */
function wantsRepeats(subscription: Subscription): boolean {
  return !/"updateInterval"\s*:\s*"?0"?\s*[,}]/.test(subscription.arg.extraParams ?? '');
}

function openPositions(account: Account): Position[] {
  return [...account.positions.values()].filter((position) => !position.pos.isZero());
}

function withUid(subscription: Subscription, uid: string): string {
  return `${subscription.argText.slice(0, -1)},"uid":"${uid}"}`;
}

function eventMessage(subscription: Subscription, uid: string, eventType: string, rows: readonly unknown[]): string {
  const arg = withUid(subscription, uid);
  const pages = eventType === 'snapshot' ? ',"curPage":1,"lastPage":true' : '';
  return `{"arg":${arg},"eventType":"${eventType}"${pages},"data":${JSON.stringify(rows)}}`;
}

function balanceAndPosition(
  account: Account,
  positions: readonly Position[],
  eventType: string,
  trades: readonly unknown[],
  pTime: string,
): Record<string, unknown> {
  return {
    pTime,
    eventType,
    balData: [['USDT', account.cash] as const, ...account.coins].map(([ccy, amount]) => ({
      ccy,
      cashBal: amountText(amount),
      uTime: String(account.uTime),
    })),
    posData: positions.map((position) => ({
      posId: position.posId,
      tradeId: position.tradeId,
      instId: position.instId,
      instType: 'SWAP',
      mgnMode: position.mgnMode,
      posSide: position.posSide,
      pos: position.pos.toFixed(),
      ccy: 'USDT',
      posCcy: '',
      avgPx: position.pos.isZero() ? '' : amountText(position.avgPx),
      nonSettleAvgPx: '',
      settledPnl: '',
      uTime: String(position.uTime),
    })),
    trades,
  };
}
