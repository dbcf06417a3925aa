import { describe, expect, it } from 'vitest';
import type { ReceiptView } from '@/contracts/api/copying';
import type { TradeChange } from '@/contracts/realtime';
import { withReceiptChanges, withTradeChange } from './patches';

type Trade = ReceiptView['trades'][number];

function trade(id: string, status: Trade['status']): Trade {
  return {
    id,
    signalId: 's',
    strategyId: 'st',
    strategyName: 'Trend',
    subscriptionId: 'sub',
    customerId: 'c',
    customerName: 'Customer 1',
    accountId: 'a',
    symbol: 'BTC-USDT-SWAP',
    leg: 'open',
    side: 'buy',
    positionSide: 'long',
    reduceOnly: false,
    orderType: 'market',
    limitPrice: null,
    leverage: '3',
    quantity: '10',
    quantityBase: '0.1',
    status,
    code: null,
    reason: null,
    venueMessage: null,
    clientOrderId: id,
    venueOrderId: null,
    filledQuantity: '0',
    averagePrice: null,
    fee: '0',
    realizedPnl: '0',
    slippage: null,
    createdAt: '2026-05-08T06:20:00.000Z',
    sentAt: null,
    ackedAt: null,
    filledAt: null,
    arithmetic: [],
    checks: [],
    fills: [],
    stopPrice: null,
    takePrice: null,
    latencyMs: null,
  };
}

function change(id: string, status: TradeChange['status'], filledQuantity = '0'): TradeChange {
  return {
    id,
    signalId: 's',
    subscriptionId: 'sub',
    customerId: 'c',
    strategyId: 'st',
    symbol: 'BTC-USDT-SWAP',
    leg: 'open',
    side: 'buy',
    status,
    code: null,
    quantity: '10',
    filledQuantity,
    averagePrice: filledQuantity === '0' ? null : '50000',
  };
}

const receipt = (...trades: Trade[]): ReceiptView => ({
  signalId: 's',
  subscriptionId: 'sub',
  customerId: 'c',
  customerName: 'Customer 1',
  accountId: 'a',
  strategyId: 'st',
  strategyName: 'Trend',
  state: 'pending',
  trades,
});

describe('pushes on fetched rows', () => {
  it('writes what changed and keeps the object where nothing did', () => {
    const planned = trade('t1', 'planned');
    expect(withTradeChange(planned, change('t1', 'filled', '10'))).toMatchObject({
      status: 'filled',
      filledQuantity: '10',
      averagePrice: '50000',
    });
    expect(withTradeChange(planned, change('t1', 'planned'))).toBe(planned);
    expect(withTradeChange(planned, change('t2', 'filled', '10'))).toBe(planned);
  });

  it('never takes back what is final, since replayed events may be older than the row', () => {
    const filled = trade('t1', 'filled');
    expect(withTradeChange(filled, change('t1', 'live'))).toBe(filled);
  });

  it('derives the state of a receipt from all its trades', () => {
    const reversal = receipt(trade('t1', 'planned'), trade('t2', 'planned'));
    const once = withReceiptChanges(reversal, new Map([['t1', change('t1', 'filled', '10')]]));
    expect(once.state).toBe('pending');
    const both = withReceiptChanges(once, new Map([['t2', change('t2', 'rejected')]]));
    expect(both.state).toBe('rejected');
    expect(withReceiptChanges(both, new Map())).toBe(both);
  });
});
