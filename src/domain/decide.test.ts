import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideFollower, decideLegs, type FollowerDecision, type FollowerSnapshot, type SignalContext } from './decide';
import { type Dec, dec, toText, ZERO } from './decimal';
import type { LeaderLeg } from './leader';

fc.configureGlobal({ seed: 20_260_501 });

const follower: FollowerSnapshot = {
  subscriptionId: 's1',
  customerId: 'c1',
  accountId: 'a1',
  instrument: {
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
  },
  positionMode: 'net',
  heldSide: null,
  heldQuantity: ZERO,
  closing: ZERO,
  entering: ZERO,
  enteringSide: null,
  closableAtMost: null,
  othersQuantity: ZERO,
  othersLeverage: null,
  symbolMargin: ZERO,
  totalMargin: ZERO,
  symbolWorking: ZERO,
  totalWorking: ZERO,
  equity: dec(100000),
  available: dec(100000),
  customerActive: true,
  subscriptionActive: true,
  accountProblem: null,
  customerKillSwitch: 'none',
  allowedSymbols: null,
  followRatio: dec('0.1'),
  sizingMode: 'ratio',
  sizingValue: null,
  forceMinimum: false,
  reverse: false,
  roundingDebt: ZERO,
  customerMaxLeverage: null,
  subscriptionMaxLeverage: null,
  fixedLeverage: null,
  customerLimits: {},
  subscriptionLimits: {},
};

const context: SignalContext = {
  now: 1000,
  sentAt: 900,
  maxLagMs: 30_000,
  orderType: 'market',
  limitPrice: null,
  referencePrice: dec(50000),
  stopPrice: null,
  stopLoss: null,
  takeProfit: null,
  price: dec(50000),
  listing: { state: 'live', endsAt: null },
  leaderContractValue: dec('0.01'),
  leaderEquity: dec(1_000_000),
  requestedLeverage: dec(10),
  strategyDefaultLeverage: dec(5),
  strategyMaxLeverage: null,
  strategyActive: true,
  strategySymbols: null,
  strategyLimits: {},
  killSwitches: { platform: 'none', tenant: 'none', strategy: 'none' },
};

function open(side: 'long' | 'short', quantity: string | Dec): LeaderLeg {
  return { kind: 'open', side, quantity: dec(quantity), percentBalance: null };
}

function close(side: 'long' | 'short' | null, share: string): LeaderLeg {
  return { kind: 'close', side, share: dec(share) };
}

const long10: FollowerSnapshot = { ...follower, heldSide: 'long', heldQuantity: dec(10), symbolMargin: dec(500) };

function show(decision: FollowerDecision): string {
  if (decision.outcome === 'denied') return decision.code;
  const { order } = decision.approved;
  const parts = [order.leg, order.side, order.positionSide, toText(order.quantity), `${toText(order.leverage)}×`];
  return [...parts, ...(order.reduceOnly ? ['reduce-only'] : [])].join(' ');
}

describe('decideFollower', () => {
  it('opens and closes on the leader’s side, reduce-only in net mode', () => {
    expect(show(decideFollower(follower, open('long', '100'), context))).toBe('open buy long 10 10×');
    expect(show(decideFollower(follower, open('short', '100'), context))).toBe('open sell short 10 10×');
    expect(show(decideFollower(long10, close('long', '0.5'), context))).toBe('close sell long 5 10× reduce-only');
    const hedged: FollowerSnapshot = { ...long10, positionMode: 'long_short' };
    expect(show(decideFollower(hedged, close(null, '1'), context))).toBe('close sell long 10 10×');
  });

  it('flips sides with reverse copy', () => {
    const reverse = { ...follower, reverse: true };
    expect(show(decideFollower(reverse, open('long', '100'), context))).toBe('open sell short 10 10×');
    expect(show(decideFollower({ ...long10, reverse: true }, close('short', '1'), context))).toBe(
      'close sell long 10 10× reduce-only',
    );
  });

  it('says when there is nothing of that side to close, and leaves its debt alone', () => {
    const decision = decideFollower({ ...long10, roundingDebt: dec('0.004') }, close('short', '1'), context);
    expect([show(decision), toText(decision.debtAfter)]).toEqual(['NO_POSITION', '0.004']);
    expect(show(decideFollower(follower, close(null, '1'), context))).toBe('NO_POSITION');
  });

  it('owes what it closes of an entry on the same side that may still fill', () => {
    const coming = { ...follower, entering: dec(8), enteringSide: 'long' as const };
    const decision = decideFollower(coming, close('long', '0.25'), context);
    expect([show(decision), toText(decision.debtAfter)]).toEqual(['ENTRY_ON_ITS_WAY', '-2']);
    const other = decideFollower(coming, close('short', '0.25'), context);
    expect([show(other), toText(other.debtAfter)]).toEqual(['NO_POSITION', '0']);
  });

  it('carries debt when the size is too small, and none when a rule refuses', () => {
    const small = decideFollower(follower, open('long', '0.06'), context);
    expect([show(small), toText(small.debtAfter)]).toEqual(['BELOW_MINIMUM', '0.006']);
    expect(small.outcome === 'denied' && small.context).toMatchObject({
      wanted: '0.00006',
      minimum: '0.0001',
      currency: 'BTC',
      venue: 'okx',
      minimumRatio: '0.16666667',
    });
    const paused = decideFollower({ ...follower, subscriptionActive: false }, open('long', '0.06'), context);
    expect([show(paused), toText(paused.debtAfter)]).toEqual(['SUBSCRIPTION_PAUSED', '0']);
    const capped = decideFollower({ ...follower, equity: dec(1000) }, open('long', '100.06'), context);
    expect([show(capped), toText(capped.debtAfter)]).toEqual(['ORDER_CAP', '0']);
    expect(capped.steps.length).toBeGreaterThan(0);
    expect(capped.outcome === 'denied' && capped.quantity?.toFixed()).toBe('10');
  });

  it('clamps leverage and takes the tightest limit', () => {
    const careful = { ...follower, customerMaxLeverage: dec(3) };
    expect(show(decideFollower(careful, open('long', '100'), context))).toBe('open buy long 10 3×');
    const limits = { ...follower, subscriptionLimits: { maxOrderShare: dec('0.004') } };
    expect(show(decideFollower(limits, open('long', '100'), context))).toBe('ORDER_CAP');
  });

  it('sizes and checks a limit order at its own price, on the tick', () => {
    const limit: SignalContext = { ...context, orderType: 'limit', limitPrice: dec('49999.97') };
    const decision = decideFollower(follower, open('long', '100'), limit);
    expect(decision.outcome === 'order' && toText(decision.approved.order.limitPrice ?? ZERO)).toBe('50000');
  });

  it('never opens with an unknown price or equity, and still closes', () => {
    const blind = { ...context, price: null };
    expect(show(decideFollower(follower, open('long', '100'), blind))).toBe('PRICE_UNKNOWN');
    expect(show(decideFollower({ ...follower, equity: null }, open('long', '100'), context))).toBe('EQUITY_UNKNOWN');
    expect(show(decideFollower({ ...long10, equity: null }, close('long', '1'), blind))).toBe(
      'close sell long 10 10× reduce-only',
    );
  });
});

describe('working entries', () => {
  const entry = (working: Partial<FollowerSnapshot>) =>
    show(decideFollower({ ...follower, ...working }, open('long', '50'), context));

  it('count against the limits of a symbol and of the account like what is held', () => {
    // 5 contracts at 50,000 with 10× bind 250; the limits are 30 % and 100 % of 100,000.
    expect(entry({ symbolWorking: dec(29750), totalWorking: dec(29750) })).toContain('open buy long 5');
    expect(entry({ symbolWorking: dec('29750.01'), totalWorking: dec('29750.01') })).toBe('SYMBOL_EXPOSURE');
    expect(entry({ totalWorking: dec('99750.01') })).toBe('TOTAL_EXPOSURE');
    expect(entry({ symbolMargin: dec(20000), symbolWorking: dec(10000) })).toBe('SYMBOL_EXPOSURE');
  });

  it('are not freed by a close of what is held', () => {
    const legs = [close('long', '1'), open('short', '50')];
    const busy = { ...long10, symbolWorking: dec(30000) };
    expect(decideLegs(busy, legs, context).map(show)).toEqual([
      'close sell long 10 10× reduce-only',
      'SYMBOL_EXPOSURE',
    ]);
  });
});

describe('decideLegs', () => {
  it('reverses: closes everything, then opens on what is left', () => {
    const legs = [close('long', '1'), open('short', '50')];
    const full = { ...long10, symbolMargin: dec(30000), totalMargin: dec(30000) };
    expect(decideLegs(full, legs, context).map(show)).toEqual([
      'close sell long 10 10× reduce-only',
      'open sell short 5 10×',
    ]);
  });

  it('does not open the other side when the close was denied', () => {
    const legs = [close('long', '1'), open('short', '50')];
    const halted = { ...context, price: null };
    expect(decideLegs({ ...long10, accountProblem: 'NOT_CHECKED' }, legs, halted).map(show)).toEqual([
      'ACCOUNT_UNAVAILABLE',
      'ACCOUNT_UNAVAILABLE',
    ]);
    const huge = { ...long10, heldQuantity: dec(13000) };
    expect(decideLegs(huge, legs, context).map(show)).toEqual([
      'close sell long 12000 10× reduce-only',
      'OPPOSITE_POSITION',
    ]);
  });

  it('opens when there was nothing to close', () => {
    const legs = [close('long', '1'), open('short', '50')];
    expect(decideLegs(follower, legs, context).map(show)).toEqual(['NO_POSITION', 'open sell short 5 10×']);
  });

  it('keeps a follower of ratio one in step with his leader over any moves', () => {
    const leg = fc.oneof(
      fc.integer({ min: 1, max: 5000 }).map((n) => open('long', dec(n).div(1000))),
      fc.integer({ min: 1, max: 99 }).map((n) => close('long', toText(dec(n).div(100)))),
    );
    fc.assert(
      fc.property(fc.array(leg, { maxLength: 25 }), (legs) => {
        let state: FollowerSnapshot = { ...follower, followRatio: dec(1) };
        let leader = ZERO;
        for (const next of legs) {
          const [decision] = decideLegs(state, [next], context);
          if (decision === undefined) throw new Error('one leg, one decision');
          const before = state.heldQuantity;
          if (decision.outcome === 'order') {
            const { order } = decision.approved;
            const held = order.leg === 'open' ? before.plus(order.quantity) : before.minus(order.quantity);
            state = { ...state, heldQuantity: held, heldSide: held.gt(0) ? 'long' : null };
          }
          state = { ...state, roundingDebt: decision.debtAfter };
          leader = next.kind === 'open' ? leader.plus(next.quantity) : leader.minus(leader.times(next.share));
          expect(state.heldQuantity.gte(0)).toBe(true);
          expect(state.heldQuantity.plus(state.roundingDebt).minus(leader).abs().lte('1e-15')).toBe(true);
          expect(state.heldQuantity.minus(leader).abs().lte('0.02')).toBe(true);
        }
      }),
    );
  });
});
