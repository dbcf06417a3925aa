import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from './decimal';
import type { Instrument } from './instrument';
import { resolveSymbol, type SymbolOptions } from './symbol';

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

const USD_IS_USDT: SymbolOptions = { usdMeansUsdt: true };

function idOf(text: string, pool = okx, options: SymbolOptions = {}): string {
  const resolved = resolveSymbol(text, pool, options);
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
    'XBTUSDT',
    'BITMEX:XBTUSDT.P',
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

  it.each(['BTCUSD', 'BTC/USD', 'BTC-USD', '#btc_usd', 'COINBASE:BTCUSD', 'XBTUSD', 'KRAKEN:XBTUSD'])(
    'takes USD for USDT in %j where the source says so, and says that it did',
    (text) => {
      expect(resolveSymbol(text, okx, USD_IS_USDT)).toMatchObject({
        ok: true,
        instrument: { id: 'okx:BTC-USDT-SWAP' },
        usdMeantUsdt: true,
      });
      const resolved = resolveSymbol(text, okx);
      expect(resolved).toMatchObject({ ok: false, code: 'UNKNOWN_SYMBOL' });
      expect(resolved.ok ? '' : resolved.message).toContain('USD mean USDT');
    },
  );

  it.each([
    'BTC-USD-SWAP',
    'btc-usd-swap',
    'OKX:BTC-USD-SWAP',
    'BTCUSD_PERP',
    'BTCUSD-PERP',
    'BTCUSDPERP',
    'BINANCE:BTCUSDPERP',
    'BTCUSD.P',
    'OKX:BTCUSD.P',
    'XBTUSD.P',
    'BITMEX:XBTUSD',
    'BYBIT:BTCUSD',
    'BTC/USD:BTC',
    'BTCUSD_260626',
    'BTC-USD-20260626',
  ])('never takes %j for a linear contract', (text) => {
    for (const options of [{}, USD_IS_USDT]) {
      const resolved = resolveSymbol(text, okx, options);
      expect(resolved).toMatchObject({ ok: false, code: 'UNKNOWN_SYMBOL' });
      expect(resolved.ok ? '' : resolved.message).toContain('settled in its coin');
    }
  });

  it('takes an exact name of the venue first', () => {
    const linear = instrument('okx', 'BTC-USD-SWAP', 'BTC', 'USD');
    const united = instrument('okx', 'BTC-USD_UM-SWAP', 'BTC', 'USD_UM');
    const listed = [...okx, linear, united];
    expect(idOf('BTC-USD-SWAP', listed)).toBe('okx:BTC-USD-SWAP');
    expect(idOf('BTC-USD_UM-SWAP', listed)).toBe('okx:BTC-USD_UM-SWAP');
    // Spelled like another venue's inverse one.
    expect(idOf('BTCUSD_SWAP', listed, USD_IS_USDT)).toBe('UNKNOWN_SYMBOL');
    expect(idOf('BTCUSD.P', listed, USD_IS_USDT)).toBe('UNKNOWN_SYMBOL');
    // What is quoted in USD itself comes before what USD may mean.
    expect(resolveSymbol('BTCUSD', listed, USD_IS_USDT)).toMatchObject({
      instrument: { id: 'okx:BTC-USD-SWAP' },
      usdMeantUsdt: false,
    });
    const binance = [instrument('binance', 'BTCUSDT', 'BTC'), instrument('binance', 'BTCUSDT_260626', 'BTC')];
    expect(idOf('BTCUSDT', binance)).toBe('binance:BTCUSDT');
    expect(idOf('BTCUSDT_260626', binance)).toBe('binance:BTCUSDT_260626');
  });

  it('refuses what two instruments could be, and names them', () => {
    const both = [...okx, instrument('okx', 'BTC-USDC-SWAP', 'BTC', 'USDC')];
    expect(idOf('BTCUSDT', both)).toBe('okx:BTC-USDT-SWAP');
    expect(idOf('BTCUSD', both, USD_IS_USDT)).toBe('okx:BTC-USDT-SWAP');
    const resolved = resolveSymbol('BTC-PERP', both);
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
        const resolved = resolveSymbol(text, okx, USD_IS_USDT);
        if (resolved.ok) expect(okx).toContain(resolved.instrument);
      }),
    );
  });
});
