import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { close, context, follower, long10, open, show } from '@/testing/decisions/stage';
import { decideFollower, decideLegs, type FollowerSnapshot, type SignalContext } from './decide';
import { dec, toText, ZERO } from './decimal';

fc.configureGlobal({ seed: 20_260_501 });

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
    const decision = decideFollower(
      { ...long10, debts: { long: dec('0.004'), short: ZERO } },
      close('short', '1'),
      context,
    );
    expect([show(decision), toText(decision.debtAfter)]).toEqual(['NO_POSITION', '0']);
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
    expect(decision.outcome === 'order' && toText(decision.approved.order.limitPrice ?? ZERO)).toBe('49999.9');
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
          state = { ...state, debts: { long: decision.debtAfter, short: ZERO } };
          leader = next.kind === 'open' ? leader.plus(next.quantity) : leader.minus(leader.times(next.share));
          expect(state.heldQuantity.gte(0)).toBe(true);
          expect(state.heldQuantity.plus(state.debts.long).minus(leader).abs().lte('1e-15')).toBe(true);
          expect(state.heldQuantity.minus(leader).abs().lte('0.02')).toBe(true);
        }
      }),
    );
  });
});
