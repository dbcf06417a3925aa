import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from './decimal';
import type { Instrument } from './instrument';
import { resolveSymbol } from './symbol';

fc.configureGlobal({ seed: 20_260_501 });

function instrument(venue: string, symbol: string, base: string, quote = 'USDT'): Instrument {
  return {
    id: `${venue}:${symbol}`,
    venue,
    symbol,
    baseCurrency: base,
    quoteCurrency: quote,
    settleCurrency: quote,
    contractValue: dec('0.01'),
    lotSize: dec('0.01'),
    minSize: dec('0.01'),
    maxMarketSize: null,
    tickSize: dec('0.1'),
    maxLeverage: dec(100),
  };
}

const okx = [
  instrument('okx', 'BTC-USDT-SWAP', 'BTC'),
  instrument('okx', 'ETH-USDT-SWAP', 'ETH'),
  instrument('okx', 'ROSE-USDT-SWAP', 'ROSE'),
];

function idOf(text: string, pool = okx): string {
  const resolved = resolveSymbol(text, pool);
  return resolved.ok ? resolved.instrument.id : resolved.code;
}

describe('resolveSymbol', () => {
  it.each([
    'BTCUSDT',
    'BTCUSDT.P',
    'BTC-USDT-SWAP',
    'BTC/USDT:USDT',
    'BTC/USDT',
    'BTC_USDT',
    'BTCUSD',
    'BTCUSD.P',
    'BTCUSDTPERP',
    'BINANCE:BTCUSDTPERP',
    'OKX:BTCUSDT.P',
    'BTC-PERP',
    '#BTC/USDT',
    ' btcusdt ',
    'btc-usdt-swap',
    'okx:btc-usdt-swap',
  ])('understands %j', (text) => expect(idOf(text)).toBe('okx:BTC-USDT-SWAP'));

  it.each([
    '',
    '   ',
    'BTC',
    'USDT',
    'DOGEUSDT',
    'BTC-USDT-240628',
    'BTCUSDT.PX',
    'BTCEUR',
    '{{ticker}}',
    'x'.repeat(500),
  ])('refuses %j instead of guessing', (text) => expect(idOf(text)).toBe('UNKNOWN_SYMBOL'));

  it('refuses what two instruments could be, and names them', () => {
    const both = [...okx, instrument('okx', 'BTC-USDC-SWAP', 'BTC', 'USDC')];
    expect(idOf('BTCUSDT', both)).toBe('okx:BTC-USDT-SWAP');
    const resolved = resolveSymbol('BTCUSD', both);
    expect(resolved).toMatchObject({ ok: false, code: 'AMBIGUOUS_SYMBOL' });
    expect(resolved.ok ? '' : resolved.message).toContain('okx:BTC-USDC-SWAP');
  });

  it('lets a known venue narrow the choice', () => {
    const venues = [...okx, instrument('binance', 'BTCUSDT', 'BTC')];
    expect(idOf('BTCUSDT', venues)).toBe('AMBIGUOUS_SYMBOL');
    expect(idOf('BINANCE:BTCUSDT', venues)).toBe('binance:BTCUSDT');
    expect(idOf('OKX:BTCUSDT.P', venues)).toBe('okx:BTC-USDT-SWAP');
    expect(idOf('BTC-USDT-SWAP', venues)).toBe('okx:BTC-USDT-SWAP');
  });

  it('never throws and answers only instruments it was given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const resolved = resolveSymbol(text, okx);
        if (resolved.ok) expect(okx).toContain(resolved.instrument);
      }),
    );
  });
});
