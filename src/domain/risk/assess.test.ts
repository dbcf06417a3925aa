import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, ZERO } from '../decimal';
import type { Instrument } from '../instrument';
import { assess, assessGates, isApproved, reviveApproved, withoutChecks } from './assess';
import { DEFAULT_LIMITS, tightestLimits } from './limits';
import { RULES } from './rules';
import { NO_KILL_SWITCH, type ProposedOrder, type RiskSnapshot, RULE_NAMES } from './types';

fc.configureGlobal({ seed: 20_260_501 });

const btc: Instrument = {
  id: 'btc',
  venue: 'okx',
  symbol: 'BTC-USDT-SWAP',
  baseCurrency: 'BTC',
  quoteCurrency: 'USDT',
  settleCurrency: 'USDT',
  contractValue: dec('0.01'),
  lotSize: dec('0.01'),
  minSize: dec('0.01'),
  maxMarketSize: dec(12000),
  tickSize: dec('0.1'),
  maxLeverage: dec(100),
};

/** 1 contract at 50 000 and 10× binds 50 USDT. */
const open: ProposedOrder = {
  leg: 'open',
  side: 'buy',
  positionSide: 'long',
  quantity: dec(1),
  reduceOnly: false,
  orderType: 'market',
  limitPrice: null,
  leverage: dec(10),
};
const close: ProposedOrder = { ...open, leg: 'close', side: 'sell', reduceOnly: true };

const calm: RiskSnapshot = {
  now: 10_000,
  signal: { sentAt: 9_000, maxLagMs: 30_000, referencePrice: dec(50000) },
  killSwitches: NO_KILL_SWITCH,
  customerActive: true,
  strategyActive: true,
  subscriptionActive: true,
  accountProblem: null,
  instrument: btc,
  listing: { state: 'live', endsAt: null },
  strategySymbols: null,
  subscriptionSymbols: null,
  price: dec(50000),
  stopPrice: null,
  takePrice: null,
  equity: dec(10000),
  available: dec(10000),
  symbolMargin: ZERO,
  totalMargin: ZERO,
  positionMode: 'net',
  heldSide: null,
  othersQuantity: ZERO,
  maxLeverage: dec(20),
  fixedLeverage: false,
  limits: DEFAULT_LIMITS,
};

function verdict(order: ProposedOrder, over: Partial<RiskSnapshot> = {}): string {
  const answer = assess(order, { ...calm, ...over });
  return answer.outcome === 'approved' ? 'approved' : answer.code;
}

describe('assess', () => {
  it('approves a calm order, with one check a rule in the listed order', () => {
    const answer = assess(open, { ...calm, stopPrice: dec(40000) });
    expect(answer.outcome).toBe('approved');
    expect(answer.checks.map((check) => check.rule)).toEqual(RULES.map((rule) => rule.name));
    expect(RULES.map((rule) => rule.name).toSorted()).toEqual([...RULE_NAMES].toSorted());
    expect(answer.checks.find((check) => check.rule === 'order_cap')).toEqual({
      rule: 'order_cap',
      value: '0.5%',
      limit: '5%',
      passed: true,
    });
  });

  it.each<[string, Partial<RiskSnapshot>, string, string]>([
    ['halt', { killSwitches: { ...NO_KILL_SWITCH, tenant: 'halt' } }, 'KILL_SWITCH', 'KILL_SWITCH'],
    ['reduce only', { killSwitches: { ...NO_KILL_SWITCH, customer: 'reduce_only' } }, 'KILL_SWITCH', 'approved'],
    ['flatten', { killSwitches: { ...NO_KILL_SWITCH, strategy: 'flatten' } }, 'KILL_SWITCH', 'approved'],
    ['a suspended customer', { customerActive: false }, 'CUSTOMER_SUSPENDED', 'CUSTOMER_SUSPENDED'],
    ['a paused strategy', { strategyActive: false }, 'STRATEGY_PAUSED', 'approved'],
    ['a paused subscription', { subscriptionActive: false }, 'SUBSCRIPTION_PAUSED', 'approved'],
    ['a refused key', { accountProblem: 'CREDENTIALS_REJECTED' }, 'ACCOUNT_UNAVAILABLE', 'approved'],
    ['a key that was never checked', { accountProblem: 'NOT_CHECKED' }, 'ACCOUNT_UNAVAILABLE', 'ACCOUNT_UNAVAILABLE'],
    ['a key of another account', { accountProblem: 'OTHER_ACCOUNT' }, 'ACCOUNT_UNAVAILABLE', 'ACCOUNT_UNAVAILABLE'],
    ['an old signal', { now: 39_001 }, 'STALE_SIGNAL', 'STALE_SIGNAL'],
    ['a symbol the strategy lacks', { strategySymbols: ['ETH-USDT-SWAP'] }, 'SYMBOL_NOT_ALLOWED', 'approved'],
    ['a symbol the customer lacks', { subscriptionSymbols: [] }, 'SYMBOL_NOT_ALLOWED', 'approved'],
    ['a suspended instrument', { listing: { state: 'suspended', endsAt: null } }, 'INSTRUMENT_SUSPENDED', 'approved'],
    ['one for resting orders', { listing: { state: 'post_only', endsAt: null } }, 'INSTRUMENT_SUSPENDED', 'approved'],
    ['one that is not listed', { listing: { state: 'gone', endsAt: null } }, 'INSTRUMENT_DELISTED', 'approved'],
    ['one that has ended', { listing: { state: 'live', endsAt: 10_000 } }, 'INSTRUMENT_DELISTED', 'approved'],
    ['one that will end', { listing: { state: 'live', endsAt: 10_001 } }, 'approved', 'approved'],
    ['too much leverage', { maxLeverage: dec(5) }, 'LEVERAGE_EXCEEDED', 'approved'],
    ['a leverage that cannot be lowered', { maxLeverage: dec(5), fixedLeverage: true }, 'LEVERAGE_FIXED', 'approved'],
    ['its own other side', { heldSide: 'short' }, 'OPPOSITE_POSITION', 'approved'],
    ['another strategy’s other side', { othersQuantity: dec(-1) }, 'OPPOSITE_POSITION', 'approved'],
    ['unknown equity', { equity: null }, 'EQUITY_UNKNOWN', 'approved'],
    ['an unknown price', { price: null }, 'PRICE_UNKNOWN', 'approved'],
    ['a price that ran away', { price: dec('50250.1') }, 'SLIPPAGE', 'approved'],
    ['a stop-loss that the market has passed', { stopPrice: dec('50000.1') }, 'STOP_CROSSED', 'approved'],
    ['a take-profit that the market has passed', { takePrice: dec('49999.9') }, 'TAKE_PROFIT_CROSSED', 'approved'],
    ['little equity', { equity: dec('999.99') }, 'ORDER_CAP', 'approved'],
    ['no equity', { equity: ZERO }, 'NO_EQUITY', 'approved'],
    ['an equity below zero', { equity: dec(-1) }, 'NO_EQUITY', 'approved'],
    ['a crowded symbol', { symbolMargin: dec('2950.01') }, 'SYMBOL_EXPOSURE', 'approved'],
    ['a crowded account', { totalMargin: dec('9950.01') }, 'TOTAL_EXPOSURE', 'approved'],
    ['no free margin', { available: dec('49.99') }, 'INSUFFICIENT_BALANCE', 'approved'],
  ])('on %s answers an entry and a close as it should', (_name, over, entry, exit) => {
    expect([verdict(open, over), verdict(close, over)]).toEqual([entry, exit]);
  });

  it('passes exactly at each limit', () => {
    expect(verdict(open, { now: 39_000 })).toBe('approved');
    expect(verdict(open, { price: dec(50250), equity: dec(20000) })).toBe('approved');
    expect(verdict(open, { equity: dec(1000), available: dec(50) })).toBe('approved');
    expect(verdict(open, { symbolMargin: dec(2950), totalMargin: dec(9950) })).toBe('approved');
  });

  it('lets both sides live side by side in long/short mode', () => {
    expect(verdict(open, { positionMode: 'long_short', othersQuantity: dec(-1) })).toBe('approved');
  });

  it('guards slippage only against the order, by market, with the instrument’s own default', () => {
    expect(verdict(open, { price: dec(40000) })).toBe('approved');
    const sell: ProposedOrder = { ...open, side: 'sell', positionSide: 'short' };
    expect(verdict(sell, { price: dec(49749) })).toBe('SLIPPAGE');
    const rose = { ...btc, baseCurrency: 'ROSE' };
    expect(verdict(sell, { price: dec(49749), instrument: rose })).toBe('approved');
    expect(verdict({ ...open, orderType: 'limit', limitPrice: dec(50000) }, { price: dec(51000) })).toBe('approved');
    expect(verdict(open, { price: dec(51000), signal: { ...calm.signal, referencePrice: null } })).toBe('approved');
  });

  it('measures levels by the side of the position and by the price at which the order fills', () => {
    const sell: ProposedOrder = { ...open, side: 'sell', positionSide: 'short' };
    const levels = (stop: number | null, take: number | null) => ({
      stopPrice: stop === null ? null : dec(stop),
      takePrice: take === null ? null : dec(take),
    });
    expect(verdict(open, levels(50000, null))).toBe('STOP_CROSSED');
    expect(verdict(open, levels(49999, null))).toBe('approved');
    expect(verdict(open, levels(null, 50000))).toBe('TAKE_PROFIT_CROSSED');
    expect(verdict(sell, levels(49999, null))).toBe('STOP_CROSSED');
    expect(verdict(sell, levels(50001, 49999))).toBe('approved');
    expect(verdict(sell, levels(null, 50001))).toBe('TAKE_PROFIT_CROSSED');
    const limit = (price: number): ProposedOrder => ({ ...open, orderType: 'limit', limitPrice: dec(price) });
    // It rests below the market, and fills at its price.
    expect(verdict(limit(48000), levels(48500, null))).toBe('STOP_CROSSED');
    expect(verdict(limit(48000), levels(47500, 49000))).toBe('approved');
    // The market is below it already.
    expect(verdict(limit(52000), levels(51000, null))).toBe('STOP_CROSSED');
    const unseen = { ...levels(49000, 51000), signal: { ...calm.signal, referencePrice: null } };
    expect(verdict(limit(52000), unseen)).toBe('approved');
    expect(verdict({ ...sell, orderType: 'limit', limitPrice: dec(49000) }, levels(49500, null))).toBe('STOP_CROSSED');
  });

  it('refuses more than the venue’s largest market order, and less than its smallest', () => {
    expect(verdict({ ...close, quantity: dec('12000.01') })).toBe('ABOVE_MAXIMUM');
    expect(verdict({ ...open, quantity: dec('0.001') })).toBe('BELOW_MINIMUM');
    expect(verdict({ ...close, quantity: dec('0.001') })).toBe('approved');
  });

  it('names the hardest switch', () => {
    const answer = assess(close, {
      ...calm,
      killSwitches: { ...NO_KILL_SWITCH, platform: 'reduce_only', customer: 'halt' },
    });
    expect(answer).toMatchObject({ code: 'KILL_SWITCH', context: { scope: 'customer', level: 'halt' } });
  });

  it('is monotone: what is denied for its size stays denied when it grows', () => {
    const size = fc.integer({ min: 1, max: 2_000_000 });
    const sizeCodes = ['ABOVE_MAXIMUM', 'ORDER_CAP', 'SYMBOL_EXPOSURE', 'TOTAL_EXPOSURE', 'INSUFFICIENT_BALANCE'];
    const margin = fc.integer({ min: 0, max: 12000 }).map((n) => dec(n));
    fc.assert(
      fc.property(size, size, margin, margin, margin, (a, b, symbolMargin, totalMargin, available) => {
        const over = { symbolMargin, totalMargin, available };
        const small = verdict({ ...open, quantity: dec(Math.min(a, b)).div(100) }, over);
        const large = verdict({ ...open, quantity: dec(Math.max(a, b)).div(100) }, over);
        if (sizeCodes.includes(small)) expect(sizeCodes).toContain(large);
        if (large === 'approved') expect(small).toBe('approved');
      }),
    );
  });

  it('marks what it approved, and nothing else', () => {
    const answer = assess(open, calm);
    expect(isApproved(answer)).toBe(true);
    expect(isApproved({ ...answer })).toBe(false);
    expect(isApproved(assess(open, { ...calm, price: null }))).toBe(false);
    expect(isApproved(reviveApproved(open))).toBe(true);
    const bare = answer.outcome === 'approved' ? withoutChecks(answer) : answer;
    expect([isApproved(bare), bare]).toEqual([true, expect.objectContaining({ order: open, checks: [] })]);
  });

  it('answers the gates without a quantity', () => {
    expect(assessGates(open, calm).denied).toBeNull();
    expect(assessGates(open, { ...calm, strategyActive: false }).denied?.code).toBe('STRATEGY_PAUSED');
    expect(assessGates(open, { ...calm, equity: dec(1) }).denied).toBeNull();
  });
});

describe('tightestLimits', () => {
  it('takes the smallest that anybody set, and the default where nobody did', () => {
    const limits = tightestLimits([
      { maxOrderShare: dec('0.2'), maxSlippage: dec('0.01') },
      { maxOrderShare: dec('0.1'), maxSymbolShare: null },
      {},
    ]);
    expect([limits.maxOrderShare, limits.maxSymbolShare, limits.maxSlippage].map(String)).toEqual([
      '0.1',
      '0.3',
      '0.01',
    ]);
  });
});
