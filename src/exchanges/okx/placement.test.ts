import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '@/exchanges/port';
import { buildOrderBody } from './placement';

const MARKET: OrderRequest = {
  clientOrderId: 'abc123',
  symbol: 'BTC-USDT-SWAP',
  side: 'buy',
  positionSide: 'long',
  positionMode: 'net',
  marginMode: 'cross',
  reduceOnly: false,
  orderType: 'market',
  quantity: '1.5',
  price: null,
  expiresAt: 0,
};

function parse(order: OrderRequest, extra = ''): unknown {
  return JSON.parse(buildOrderBody(order, extra) ?? 'null');
}

describe('buildOrderBody', () => {
  it('writes a market order in net mode without a position side', () => {
    expect(parse(MARKET)).toEqual({
      instId: 'BTC-USDT-SWAP',
      tdMode: 'cross',
      clOrdId: 'abc123',
      side: 'buy',
      ordType: 'market',
      sz: '1.5',
    });
  });

  it('writes the price of a limit order and ignores that of a market order', () => {
    expect(parse({ ...MARKET, orderType: 'limit', price: '60000.1' })).toMatchObject({
      ordType: 'limit',
      px: '60000.1',
    });
    expect(parse({ ...MARKET, price: '60000.1' })).not.toHaveProperty('px');
  });

  it('says reduce-only in net mode and the side of the position in long/short mode', () => {
    expect(parse({ ...MARKET, side: 'sell', reduceOnly: true })).toMatchObject({ reduceOnly: true });
    const hedged = parse({ ...MARKET, side: 'sell', reduceOnly: true, positionMode: 'long_short' });
    expect(hedged).toMatchObject({ posSide: 'long' });
    expect(hedged).not.toHaveProperty('reduceOnly');
  });

  it("carries the operator's tag", () => {
    expect(parse(MARKET, ',"tag":"mine"')).toMatchObject({ tag: 'mine' });
  });

  it.each([
    ['a quote in the symbol', { symbol: 'BTC","sz":"9' }],
    ['a hyphen in the client id', { clientOrderId: 'a-b' }],
    ['a client id that is too long', { clientOrderId: 'a'.repeat(33) }],
    ['an exponent', { quantity: '1e3' }],
    ['a negative quantity', { quantity: '-1' }],
    ['a limit order without a price', { orderType: 'limit' as const }],
    ['a quote in the price', { orderType: 'limit' as const, price: '1"' }],
  ])('refuses %s', (_what, fields) => {
    expect(buildOrderBody({ ...MARKET, ...fields }, '')).toBeNull();
  });
});
