import type { WebSocket } from 'ws';

/** The one instrument's price: it never moves. */
export const PRICE = '60000';
const BALANCE = '10000000';
/** Orders of one account that are remembered: an hour of signals must not grow the process. */
const KEPT_ORDERS = 50;

export type VenueOrder = {
  readonly ordId: string;
  readonly clOrdId: string;
  readonly instId: string;
  readonly side: string;
  readonly sz: string;
  readonly market: boolean;
  readonly takenAt: number;
  filledAt: number | null;
};

export type VenueAccountBook = {
  /** Contracts by instrument, signed. */
  readonly held: Map<string, number>;
  readonly orders: Map<string, VenueOrder>;
  readonly sockets: Set<WebSocket>;
};

/** What the answering venue knows of its accounts, by API key. */
export class Books {
  readonly #accounts = new Map<string, VenueAccountBook>();
  #next = 1_000_000;

  account(apiKey: string): VenueAccountBook {
    let account = this.#accounts.get(apiKey);
    if (account === undefined) {
      account = { held: new Map(), orders: new Map(), sockets: new Set() };
      this.#accounts.set(apiKey, account);
    }
    return account;
  }

  get size(): number {
    return this.#accounts.size;
  }

  place(account: VenueAccountBook, body: Readonly<Record<string, string>>): VenueOrder {
    this.#next += 1;
    const { clOrdId = '', instId = '', side = '', sz = '0' } = body;
    const market = body.ordType === 'market';
    const order = { ordId: String(this.#next), clOrdId, instId, side, sz, market, takenAt: Date.now(), filledAt: null };
    account.orders.set(clOrdId, order);
    if (account.orders.size > KEPT_ORDERS) {
      const oldest = account.orders.keys().next().value;
      if (oldest !== undefined) account.orders.delete(oldest);
    }
    return order;
  }

  fill(account: VenueAccountBook, order: VenueOrder): void {
    order.filledAt = Date.now();
    const change = order.side === 'buy' ? Number(order.sz) : -Number(order.sz);
    const held = (account.held.get(order.instId) ?? 0) + change;
    account.held.set(order.instId, Number(held.toFixed(8)));
  }
}

/** A row of the channel "orders" and of a query, as OKX has it. */
export function orderRow(order: VenueOrder): Readonly<Record<string, string>> {
  const filled = order.filledAt !== null;
  const at = String(order.filledAt ?? order.takenAt);
  return {
    instType: 'SWAP',
    instId: order.instId,
    ordId: order.ordId,
    clOrdId: order.clOrdId,
    side: order.side,
    sz: order.sz,
    state: filled ? 'filled' : 'live',
    accFillSz: filled ? order.sz : '0',
    avgPx: filled ? PRICE : '',
    fee: filled ? '-0.01' : '0',
    cancelSource: '',
    uTime: at,
    tradeId: filled ? order.ordId : '',
    fillSz: filled ? order.sz : '',
    fillPx: filled ? PRICE : '',
    fillTime: filled ? at : '',
    fillFee: filled ? '-0.01' : '',
    fillFeeCcy: filled ? 'USDT' : '',
  };
}

export function fillRow(order: VenueOrder): Readonly<Record<string, string>> {
  return {
    instType: 'SWAP',
    instId: order.instId,
    ordId: order.ordId,
    tradeId: order.ordId,
    clOrdId: order.clOrdId,
    billId: order.ordId,
    fillSz: order.sz,
    fillPx: PRICE,
    fee: '-0.01',
    feeCcy: 'USDT',
    ts: String(order.filledAt ?? order.takenAt),
  };
}

export function positionRows(account: VenueAccountBook): Readonly<Record<string, string>>[] {
  return [...account.held].map(([instId, pos]) => ({
    instType: 'SWAP',
    instId,
    posSide: 'net',
    pos: String(pos),
    avgPx: PRICE,
    markPx: PRICE,
    upl: '0',
    lever: '10',
    liqPx: '',
    mgnMode: 'cross',
  }));
}

export function balanceRow(): unknown {
  return { uTime: String(Date.now()), details: [{ ccy: 'USDT', eq: BALANCE, availEq: BALANCE, availBal: BALANCE }] };
}
