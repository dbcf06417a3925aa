import {
  type Amendment,
  type Bill,
  type CancelReason,
  type Fill,
  opensHedge,
  type PositionEnding,
} from '../engine/model';

/** OKX's numbers for who or what cancelled an order. */
export const CANCEL_SOURCE: Readonly<Record<CancelReason, string>> = {
  user: '1',
  liquidation: '3',
  'fok-unfilled': '13',
  'ioc-remainder': '14',
  'cancel-all-after': '20',
  'position-closed': '21',
  displaced: '22',
  'nothing-to-reduce': '23',
  'closed-at-market': '17',
  'post-only-would-take': '31',
  'self-trade': '32',
  delivery: '7',
};

const REDUCE_ONLY =
  'Order canceled: Reduce-only orders only allow reducing your current position. System has already canceled this order.';

export const CANCEL_TEXT: Readonly<Record<CancelReason, string>> = {
  user: 'Order canceled by user',
  liquidation: 'Order canceled: forced liquidation',
  'fok-unfilled': 'Order canceled: fok order was not fully filled',
  'ioc-remainder': 'Order canceled: ioc order was partially canceled because it was not fully filled',
  'cancel-all-after': 'Order canceled: cancel all after triggered',
  'position-closed': 'TP/SL order canceled: position was closed',
  displaced: REDUCE_ONLY,
  'nothing-to-reduce': REDUCE_ONLY,
  'closed-at-market':
    'Order canceled: Close order was canceled, due to the position was already closed at market price.',
  'post-only-would-take': 'Order canceled: post only order would take liquidity',
  'self-trade': 'Order canceled: self trade prevention',
  delivery: 'Order canceled: contract is being delivered',
};

/** What changed an order's terms. */
export const AMEND_SOURCE: Readonly<Record<Amendment, string>> = {
  'by-user': '1',
  'by-user-cut': '2',
  'cut-when-placed': '3',
  'cut-by-others': '4',
};

/** Type of a trade's bill: 2 trade, 3 delivery, 5 liquidation, 9 auto-deleveraging. */
export function tradeType(fill: Fill): string {
  if (fill.category === 'adl') return '9';
  if (fill.category === 'delivery') return '3';
  return fill.category.endsWith('liquidation') ? '5' : '2';
}

/** [close long, close short, buy, sell] of what the venue closes itself. */
const FORCED_SUB_TYPES: Readonly<Record<string, readonly [string, string, string, string]>> = {
  partial_liquidation: ['100', '101', '102', '103'],
  full_liquidation: ['104', '105', '106', '107'],
  adl: ['125', '126', '127', '128'],
  // Long and short, whatever the mode: a long is sold.
  delivery: ['112', '113', '113', '112'],
};

/** 1 buy, 2 sell (net mode); 3 open long, 4 open short, 5 close long, 6 close short; what the venue closes has its own. */
export function tradeSubType(fill: Fill): string {
  const [closeLong, closeShort, buy, sell] = FORCED_SUB_TYPES[fill.category] ?? ['5', '6', '1', '2'];
  if (fill.posSide === 'net') return fill.side === 'buy' ? buy : sell;
  if (opensHedge(fill.side, fill.posSide)) return fill.posSide === 'long' ? '3' : '4';
  return fill.posSide === 'long' ? closeLong : closeShort;
}

/** Type of any other bill: 1 transfer, 8 funding. */
export function billType(bill: Bill): string {
  return bill.kind === 'funding' ? '8' : '1';
}

/** 11 in, 12 out; funding: 173 paid, 174 received. */
export function billSubType(bill: Bill): string {
  if (bill.kind === 'funding') return bill.balanceChange.isNegative() ? '173' : '174';
  return bill.balanceChange.isNegative() ? '12' : '11';
}

/** How a position got smaller the last time. */
export const CLOSING_TYPE: Readonly<Record<PositionEnding, string>> = {
  'partly-closed': '1',
  closed: '2',
  liquidated: '3',
  'partly-liquidated': '4',
  'partly-deleveraged': '5',
  deleveraged: '6',
};
