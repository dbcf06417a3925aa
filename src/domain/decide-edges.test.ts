import { describe, expect, it } from 'vitest';
import { close, context, follower, long10, open, show } from '@/testing/decisions/stage';
import { NO_DEBTS } from './debts';
import { decideFollower, decideLegs, type FollowerDecision, type FollowerSnapshot, type SignalContext } from './decide';
import { dec, toText, ZERO } from './decimal';

/** One contract is one coin, which costs 100: what is bought is easily read. */
const coin: FollowerSnapshot = {
  ...follower,
  instrument: { ...follower.instrument, contractValue: dec(1), maxMarketSize: null },
  customerLimits: { maxOrderShare: dec(1), maxSymbolShare: dec(1) },
};
const at100: SignalContext = { ...context, price: dec(100), referencePrice: null, leaderContractValue: dec(1) };
const byRisk: FollowerSnapshot = { ...coin, sizingMode: 'risk_percent', sizingValue: dec('0.5') };

function limitOf(decision: FollowerDecision): string | null {
  const order = decision.outcome === 'order' ? decision.approved.order : decision.outline;
  return order.limitPrice === null ? null : toText(order.limitPrice);
}

describe('sizing by risk', () => {
  const levels = { ...at100, stopLoss: dec(98), takeProfit: dec(110) };

  it('takes the follower’s own stop: in reverse the leader’s take-profit', () => {
    expect(show(decideFollower(byRisk, open('long', '1'), levels))).toBe('open buy long 250 10×');
    const reversed = { ...byRisk, reverse: true };
    expect(show(decideFollower(reversed, open('long', '1'), levels))).toBe('open sell short 50 10×');
  });

  it('is denied to a reversed follower who has no stop of his own', () => {
    const reversed = { ...byRisk, reverse: true };
    expect(show(decideFollower(reversed, open('long', '1'), { ...levels, takeProfit: null }))).toBe('NO_STOP');
    const onlyForSizing = { ...at100, stopPrice: dec(98) };
    expect(show(decideFollower(reversed, open('long', '1'), onlyForSizing))).toBe('NO_STOP');
  });

  it('takes the stop-loss before a price that is for sizing only', () => {
    const both = { ...at100, stopLoss: dec(90), stopPrice: dec('97.5') };
    expect(show(decideFollower(byRisk, open('long', '1'), both))).toBe('open buy long 50 10×');
    expect(show(decideFollower(byRisk, open('long', '1'), { ...both, stopLoss: null }))).toBe('open buy long 200 10×');
  });

  it('is denied where the stop is crossed already', () => {
    const at98 = { ...at100, price: dec(98) };
    for (const crossed of [{ stopPrice: dec(99) }, { stopLoss: dec(99) }]) {
      expect(show(decideFollower(byRisk, open('long', '1'), { ...at98, ...crossed }))).toBe('STOP_CROSSED');
    }
    expect(show(decideFollower(byRisk, open('short', '1'), { ...at98, stopPrice: dec(97) }))).toBe('STOP_CROSSED');
    // What is for sizing only counts only where the stop-loss is not a price.
    const behind = { ...at98, stopPrice: dec(99), stopLoss: dec(97) };
    expect(show(decideFollower(byRisk, open('long', '1'), behind))).toBe('open buy long 500 10×');
  });

  it('denies what a near stop makes larger than a cap, or reduces it where that is set', () => {
    const near = { ...at100, stopLoss: dec('99.9') };
    const capped = { ...byRisk, customerLimits: { maxOrderShare: dec('0.05') } };
    const denied = decideFollower(capped, open('long', '1'), near);
    expect([show(denied), denied.outcome === 'denied' && denied.quantity?.toFixed()]).toEqual(['ORDER_CAP', '5000']);
    // 5 % of 100,000 at 10× are 50,000, or 500 coins.
    const reduced = decideFollower({ ...capped, reduceToCap: true }, open('long', '1'), near);
    expect([show(reduced), toText(reduced.debtAfter)]).toEqual(['open buy long 500 10×', '0']);
    expect(reduced.steps.at(-1)).toEqual({ label: 'reduced_to_cap', expression: 'min(5000, 500)', value: '500' });
    const nearest = { ...at100, stopLoss: dec('99.99999999999') };
    expect(show(decideFollower({ ...capped, reduceToCap: true }, open('long', '1'), nearest))).toBe(
      'open buy long 500 10×',
    );
    const crowded = { ...capped, reduceToCap: true, symbolMargin: dec(29_000), totalMargin: dec(29_000) };
    expect(show(decideFollower(crowded, open('long', '1'), near))).toBe('open buy long 100 10×');
    const little = { ...capped, reduceToCap: true, available: dec(123) };
    expect(show(decideFollower(little, open('long', '1'), near))).toBe('open buy long 12.3 10×');
    const full = { ...capped, reduceToCap: true, available: ZERO };
    expect(show(decideFollower(full, open('long', '1'), near))).toBe('INSUFFICIENT_BALANCE');
    // Of another way of sizing only the cap is told.
    const ratio = { ...capped, sizingMode: 'ratio' as const, reduceToCap: true };
    expect(show(decideFollower(ratio, open('long', '50000'), near))).toBe('ORDER_CAP');
  });
});

describe('a limit order', () => {
  const limit = (price: string): SignalContext => ({ ...at100, orderType: 'limit', limitPrice: dec(price) });
  const bySize: FollowerSnapshot = { ...coin, sizingMode: 'fixed_notional', sizingValue: dec(1000) };

  it('that fills at once is sized and capped at the worse of its price and the market', () => {
    expect(show(decideFollower(bySize, open('short', '1'), limit('50')))).toBe('open sell short 10 10×');
    expect(show(decideFollower(bySize, open('short', '1'), limit('1')))).toBe('open sell short 10 10×');
    expect(show(decideFollower(bySize, open('long', '1'), limit('125')))).toBe('open buy long 8 10×');
    const capped = { ...coin, customerLimits: { maxOrderShare: dec('0.05') } };
    // 600 coins at 100 bind 6000.
    expect(show(decideFollower(capped, open('short', '6000'), limit('50')))).toBe('ORDER_CAP');
  });

  it('that rests is sized at its own price', () => {
    expect(show(decideFollower(bySize, open('long', '1'), limit('50')))).toBe('open buy long 20 10×');
    expect(show(decideFollower(bySize, open('short', '1'), limit('125')))).toBe('open sell short 8 10×');
  });

  it('that fills at once is guarded against slippage by the worst price it may have', () => {
    const guarded = (price: string): SignalContext => ({ ...limit(price), referencePrice: dec(100) });
    expect(show(decideFollower(coin, open('short', '1'), guarded('50')))).toBe('SLIPPAGE');
    expect(show(decideFollower(coin, open('long', '1'), guarded('101')))).toBe('SLIPPAGE');
    expect(show(decideFollower(coin, open('long', '1'), guarded('100.4')))).toBe('open buy long 0.1 10×');
    // What rests waits for its own price.
    expect(show(decideFollower(coin, open('short', '1'), guarded('125')))).toBe('open sell short 0.1 10×');
    expect(show(decideFollower(coin, open('long', '1'), guarded('50')))).toBe('open buy long 0.1 10×');
  });

  it('is rounded so that it is never worse than the sender’s', () => {
    expect(limitOf(decideFollower(coin, open('long', '1'), limit('99.99')))).toBe('99.9');
    expect(limitOf(decideFollower(coin, open('short', '1'), limit('100.01')))).toBe('100.1');
    const held = { ...coin, heldSide: 'long' as const, heldQuantity: dec(10) };
    expect(limitOf(decideFollower(held, close('long', '1'), limit('100.01')))).toBe('100.1');
    const short = { ...held, heldSide: 'short' as const };
    expect(limitOf(decideFollower(short, close('short', '1'), limit('99.99')))).toBe('99.9');
  });

  it('that rounds to zero is refused, and a part that it should have closed is owed', () => {
    expect(show(decideFollower(coin, open('long', '1'), limit('0.09')))).toBe('PRICE_OUT_OF_RANGE');
    expect(limitOf(decideFollower(coin, open('short', '1'), limit('0.01')))).toBe('0.1');
    const short = { ...coin, heldSide: 'short' as const, heldQuantity: dec(10) };
    const refused = decideFollower(short, close('short', '0.4'), limit('0.09'));
    expect([show(refused), toText(refused.debtAfter)]).toEqual(['PRICE_OUT_OF_RANGE', '-4']);
  });

  it('copied in reverse lies as far from the market on its other side, so that it rests where the leader’s does', () => {
    const reversed = { ...coin, reverse: true };
    const entry = (side: 'long' | 'short', price: string) => {
      const decision = decideFollower(reversed, open(side, '1'), limit(price));
      return [show(decision), limitOf(decision)];
    };
    expect(entry('long', '95')).toEqual(['open sell short 0.1 10×', '105']);
    expect(entry('short', '110')).toEqual(['open buy long 0.1 10×', '90']);
    // What fills at once for the leader fills at once for him.
    expect(entry('long', '105')).toEqual(['open sell short 0.1 10×', '95']);
    expect(entry('short', '90')).toEqual(['open buy long 0.1 10×', '110']);
    expect(entry('long', '95.01')).toEqual(['open sell short 0.1 10×', '105']);
    expect(entry('short', '250')[0]).toBe('LIMIT_CANNOT_REST');
    expect(entry('short', '200')[0]).toBe('LIMIT_CANNOT_REST');
    expect(show(decideFollower(reversed, open('long', '1'), { ...limit('95'), price: null }))).toBe('PRICE_UNKNOWN');
  });

  it('that closes is copied in reverse at market: at no limit would it leave when the leader does', () => {
    const short = { ...coin, reverse: true, heldSide: 'short' as const, heldQuantity: dec(10) };
    for (const price of ['110', '90']) {
      const decision = decideFollower(short, close('long', '1'), limit(price));
      expect([show(decision), limitOf(decision)]).toEqual(['close buy short 10 10× reduce-only', null]);
    }
  });
});

describe('debts', () => {
  it('do not come of an equity below zero', () => {
    for (const sizingMode of ['ratio', 'equity_proportional', 'fixed_notional', 'percent_balance'] as const) {
      const owing = { ...follower, sizingMode, sizingValue: dec(5), equity: dec(-50) };
      const decision = decideFollower(owing, open('long', '100'), context);
      expect([show(decision), toText(decision.debtAfter)]).toEqual(['NO_EQUITY', '0']);
    }
    expect(show(decideFollower({ ...follower, equity: ZERO }, open('long', '100'), context))).toBe('NO_EQUITY');
  });

  it('are those of the side that is traded', () => {
    const owed = { ...follower, debts: { long: ZERO, short: dec('0.0055') } };
    const long = decideFollower(owed, open('long', '0.055'), context);
    expect([show(long), toText(long.debtAfter)]).toEqual(['BELOW_MINIMUM', '0.0055']);
    const short = decideFollower(owed, open('short', '0.055'), context);
    expect([show(short), toText(short.debtAfter)]).toEqual(['open sell short 0.01 10×', '0.001']);
    const held = { ...long10, debts: { long: dec('-1'), short: dec('-3') } };
    expect(show(decideFollower(held, close('long', '0.5'), context))).toBe('close sell long 5.5 10× reduce-only');
  });

  it('start anew with the other side of a reversal', () => {
    const legs = [close('long', '1'), open('short', '0.055')];
    const owed = { ...long10, debts: { long: dec('0.009'), short: dec('0.009') } };
    const decisions = decideLegs(owed, legs, context);
    expect(decisions.map(show)).toEqual(['close sell long 10 10× reduce-only', 'BELOW_MINIMUM']);
    expect(toText(decisions.at(-1)?.debtAfter ?? ZERO)).toBe('0.0055');
    const flat = decideLegs({ ...follower, debts: { long: ZERO, short: dec('0.009') } }, legs, context);
    expect(toText(flat.at(-1)?.debtAfter ?? ZERO)).toBe('0.0055');
    expect(NO_DEBTS).toEqual({ long: ZERO, short: ZERO });
  });
});

describe('leverage', () => {
  it('under one is no limit that an order passes', () => {
    const careful = decideFollower({ ...follower, customerMaxLeverage: dec('0.5') }, open('long', '100'), context);
    expect(show(careful)).toBe('LEVERAGE_EXCEEDED');
    expect(careful.checks.find(({ rule }) => rule === 'leverage')).toEqual({
      ...{ rule: 'leverage', value: '1×', limit: '0.5×', passed: false },
    });
    const fixed = { ...follower, fixedLeverage: dec(1), subscriptionMaxLeverage: dec('0.5') };
    expect(show(decideFollower(fixed, open('long', '100'), context))).toBe('LEVERAGE_FIXED');
    // What is only wanted is no limit.
    const wanted = { ...context, requestedLeverage: dec('0.5') };
    expect(show(decideFollower(follower, open('long', '100'), wanted))).toBe('open buy long 10 1×');
  });
});

describe('a reversal', () => {
  it('closes in as many market orders as it needs, then opens', () => {
    const legs = [close('long', '1'), open('short', '50')];
    const large = { ...long10, heldQuantity: dec(25_000), symbolMargin: dec(30_000), totalMargin: dec(30_000) };
    const decisions = decideLegs(large, legs, context);
    expect(decisions.map(show)).toEqual([
      'close sell long 12000 10× reduce-only',
      'close sell long 12000 10× reduce-only',
      'close sell long 1000 10× reduce-only',
      'open sell short 5 10×',
    ]);
    expect(toText(decisions[2]?.debtAfter ?? dec(1))).toBe('0');
  });

  it('goes on with a close alone only where the leader turns', () => {
    const large = { ...long10, heldQuantity: dec(25_000) };
    expect(decideLegs(large, [close('long', '1')], context).map(show)).toEqual([
      'close sell long 12000 10× reduce-only',
    ]);
  });
});
