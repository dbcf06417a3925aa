import { describe, expect, it } from 'vitest';
import { isSameOrder } from './same-order';
import type { SignalIntent } from './signal';

const order: SignalIntent = {
  symbol: 'BTC-USDT-SWAP',
  action: 'open',
  side: 'long',
  size: { unit: 'base', value: '1' },
  orderType: 'limit',
  limitPrice: '50000',
  referencePrice: '50001',
  leverage: '10',
  stopPrice: '48000',
  stopLoss: { unit: 'price', value: '48000' },
  takeProfit: { unit: 'percent', value: '5' },
  sentAt: 1,
  maxLagMs: 1000,
  idempotencyKey: 'a',
};

describe('two signals', () => {
  it.each<[string, Partial<SignalIntent>]>([
    ['a later time', { sentAt: 2 }],
    ['another lag', { maxLagMs: null }],
    ['another spelling of the instrument', { symbol: 'BTCUSDT' }],
  ])('ask for the same order although one has %s', (_what, over) => {
    expect(isSameOrder(order, { ...order, ...over })).toBe(true);
  });

  it.each<[string, Partial<SignalIntent>]>([
    ['action', { action: 'target' }],
    ['side', { side: 'short' }],
    ['size', { size: { unit: 'base', value: '2' } }],
    ['unit', { size: { unit: 'contracts', value: '1' } }],
    ['default size', { size: null }],
    ['order type', { orderType: 'market' }],
    ['limit price', { limitPrice: '49999' }],
    ['price', { referencePrice: '50002' }],
    ['missing price', { referencePrice: null }],
    ['leverage', { leverage: '11' }],
    ['missing leverage', { leverage: null }],
    ['stop price', { stopPrice: '47000' }],
    ['stop-loss', { stopLoss: { unit: 'price', value: '47000' } }],
    ['missing stop-loss', { stopLoss: null }],
    ['take-profit', { takeProfit: { unit: 'percent', value: '6' } }],
  ])('ask for different orders by their %s', (_what, over) => {
    expect(isSameOrder(order, { ...order, ...over })).toBe(false);
    expect(isSameOrder({ ...order, ...over }, order)).toBe(false);
  });

  it('ask for the same where one was stored before there were levels', () => {
    const { stopLoss: _loss, takeProfit: _profit, ...old } = order;
    expect(isSameOrder(old, { ...old, stopLoss: null, takeProfit: null })).toBe(true);
  });
});
