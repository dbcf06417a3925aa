import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLegs, type FollowerDecision, type FollowerSnapshot, failedDecision, type SignalContext } from './decide';
import { DECIMAL_STRING, type Dec, dec, quantize, toText } from './decimal';
import type { LeaderLeg } from './leader';
import { SIZING_MODES } from './sizing';

fc.configureGlobal({ seed: 20_260_501 });

/** What a column can hold: rows from before there were bounds, and rows that somebody wrote himself. */
const COLUMN = [
  '0',
  '0.000000000000000001',
  '0.01',
  '1',
  '7.3',
  '50000',
  '1000000000000',
  '999999999999999999',
  '999999999999999999.999999999999999999',
] as const;
const anyNumber = fc.constantFrom(...COLUMN).map((text) => dec(text));
const signed = fc.tuple(anyNumber, fc.boolean()).map(([value, below]) => (below ? value.neg() : value));
const orNull = (value: fc.Arbitrary<Dec>) => fc.option(value, { nil: null });

const instrument = fc
  .record({
    contractValue: anyNumber,
    lotSize: anyNumber,
    minSize: anyNumber,
    maxMarketSize: orNull(anyNumber),
    tickSize: anyNumber,
    maxLeverage: anyNumber,
  })
  .map((numbers) => ({
    ...numbers,
    id: 'okx:X',
    venue: 'okx',
    symbol: 'X',
    baseCurrency: 'X',
    quoteCurrency: 'USDT',
    settleCurrency: 'USDT',
  }));

const limits = fc.record({ maxOrderShare: orNull(anyNumber), maxSymbolShare: orNull(anyNumber) });

const follower: fc.Arbitrary<FollowerSnapshot> = fc.record({
  subscriptionId: fc.constant('s'),
  customerId: fc.constant('c'),
  accountId: fc.constant('a'),
  instrument,
  positionMode: fc.constantFrom('net', 'long_short'),
  heldSide: fc.constantFrom('long', 'short', null),
  heldQuantity: anyNumber,
  closing: anyNumber,
  entering: anyNumber,
  enteringSide: fc.constantFrom('long', 'short', null),
  closableAtMost: orNull(anyNumber),
  othersQuantity: signed,
  othersLeverage: orNull(anyNumber),
  symbolMargin: anyNumber,
  totalMargin: anyNumber,
  symbolWorking: anyNumber,
  totalWorking: anyNumber,
  equity: orNull(signed),
  available: orNull(signed),
  customerActive: fc.constant(true),
  subscriptionActive: fc.constant(true),
  accountProblem: fc.constant(null),
  customerKillSwitch: fc.constant('none'),
  allowedSymbols: fc.constant(null),
  followRatio: anyNumber,
  sizingMode: fc.constantFrom(...SIZING_MODES),
  sizingValue: orNull(anyNumber),
  forceMinimum: fc.boolean(),
  reduceToCap: fc.boolean(),
  reverse: fc.boolean(),
  debts: fc.record({ long: signed, short: signed }),
  customerMaxLeverage: orNull(anyNumber),
  subscriptionMaxLeverage: orNull(anyNumber),
  fixedLeverage: orNull(anyNumber),
  customerLimits: limits,
  subscriptionLimits: limits,
});

const context: fc.Arbitrary<SignalContext> = fc.record({
  now: fc.constant(1000),
  sentAt: fc.constant(900),
  maxLagMs: fc.constant(30_000),
  orderType: fc.constantFrom('market', 'limit'),
  limitPrice: orNull(anyNumber),
  referencePrice: orNull(anyNumber),
  stopPrice: orNull(anyNumber),
  stopLoss: orNull(anyNumber),
  takeProfit: orNull(anyNumber),
  price: orNull(anyNumber),
  listing: fc.constant({ state: 'live', endsAt: null } as const),
  leaderContractValue: anyNumber,
  leaderEquity: orNull(anyNumber),
  requestedLeverage: orNull(anyNumber),
  strategyDefaultLeverage: anyNumber,
  strategyMaxLeverage: orNull(anyNumber),
  strategyActive: fc.constant(true),
  strategySymbols: fc.constant(null),
  strategyLimits: fc.constant({}),
  killSwitches: fc.constant({ platform: 'none', tenant: 'none', strategy: 'none' } as const),
});

const side = fc.constantFrom('long' as const, 'short' as const);
const legs: fc.Arbitrary<readonly LeaderLeg[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('open' as const), side, quantity: anyNumber, percentBalance: orNull(anyNumber) }),
    fc.record({
      kind: fc.constant('close' as const),
      side: orSide(),
      share: fc.constantFrom('0', '0.3', '1').map(dec),
    }),
  ),
  { minLength: 1, maxLength: 2 },
);
function orSide() {
  return fc.constantFrom('long' as const, 'short' as const, null);
}

/** What of a decision goes into columns of numbers. */
function written(decision: FollowerDecision): readonly string[] {
  const order = decision.outcome === 'order' ? decision.approved.order : decision.outline;
  const quantity = decision.outcome === 'order' ? decision.approved.order.quantity : decision.quantity;
  const numbers = [order.leverage, quantity === null ? null : quantize(quantity), order.limitPrice, decision.debtAfter];
  return numbers.flatMap((number) => (number === null ? [] : [toText(number)]));
}

describe('a decision about numbers that nothing can have', () => {
  it('is one that can be written down, and orders only what an order can have', () => {
    let orders = 0;
    fc.assert(
      fc.property(follower, legs, context, (snapshot, moves, signal) => {
        for (const decision of decideLegs(snapshot, moves, signal)) {
          for (const text of written(decision)) expect(text).toMatch(DECIMAL_STRING);
          if (decision.outcome === 'denied') continue;
          orders += 1;
          const { leg, limitPrice, quantity } = decision.approved.order;
          expect(quantity.gt(0)).toBe(true);
          expect(limitPrice?.lte(0) ?? false).toBe(false);
          if (leg === 'open') expect(quantity.lte('1000000000000')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
    expect(orders).toBeGreaterThan(10);
  }, 30_000);

  it('can be replaced by one that failed, whatever was asked', () => {
    fc.assert(
      fc.property(follower, legs, (snapshot, moves) => {
        for (const leg of moves) {
          const decision = failedDecision(snapshot, leg);
          expect(decision).toMatchObject({ outcome: 'denied', code: 'DECISION_FAILED', quantity: null });
          for (const text of written(decision)) expect(text).toMatch(DECIMAL_STRING);
        }
      }),
    );
  });
});
