import { type Bill, type CancelReason, type ClosedPosition, type Fill, opensHedge } from '../engine/model';

/** OKX's numbers for who or what cancelled an order. */
export const CANCEL_SOURCE: Readonly<Record<CancelReason, string>> = {
  user: '1',
  liquidation: '3',
  'fok-unfilled': '13',
  'ioc-remainder': '14',
  'cancel-all-after': '20',
  'position-closed': '21',
  'reduce-only-displaced': '23',
  'post-only-would-take': '31',
  'self-trade': '32',
};

export const CANCEL_TEXT: Readonly<Record<CancelReason, string>> = {
  user: 'Order canceled by user',
  liquidation: 'Order canceled: forced liquidation',
  'fok-unfilled': 'Order canceled: fok order was not fully filled',
  'ioc-remainder': 'Order canceled: ioc order was partially canceled because it was not fully filled',
  'cancel-all-after': 'Order canceled: cancel all after triggered',
  'position-closed': 'TP/SL order canceled: position was closed',
  'reduce-only-displaced': 'Order canceled: reduce-only order exceeded the position',
  'post-only-would-take': 'Order canceled: post only order would take liquidity',
  'self-trade': 'Order canceled: self trade prevention',
};

/** Type of a trade's bill: 2 trade, 5 liquidation. */
export function tradeType(fill: Fill): string {
  return fill.category === 'full_liquidation' ? '5' : '2';
}

/** 1 buy, 2 sell (net mode); 3 open long, 4 open short, 5 close long, 6 close short; 104 and 105 of a liquidation. */
export function tradeSubType(fill: Fill): string {
  if (fill.category === 'full_liquidation') return fill.side === 'sell' ? '104' : '105';
  if (fill.posSide === 'net') return fill.side === 'buy' ? '1' : '2';
  if (opensHedge(fill.side, fill.posSide)) return fill.posSide === 'long' ? '3' : '4';
  return fill.posSide === 'long' ? '5' : '6';
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

/** How a position ended: 2 closed whole. */
export const CLOSING_TYPE: Readonly<Record<ClosedPosition['ending'], string>> = { closed: '2' };
