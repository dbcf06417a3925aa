import { describe, expect, it } from 'vitest';
import { dec, toText } from '@/domain/decimal';
import type { SignalIntent } from '@/domain/signal';
import { NO_TIMES } from '@/domain/signal-order';
import { context, follower, long10 } from '@/testing/decisions/stage';
import { NOTHING_COMMITTED } from './committed-margin';
import type { Follower } from './follower';
import { keptDecision, type PlanInput, planSignal } from './plan';

const strategy = {
  id: 'st',
  active: true,
  killSwitch: 'none' as const,
  defaultLeverage: dec(10),
  maxLeverage: dec(20),
  symbols: null,
  maxSlippage: null,
};

function following(snapshot: typeof follower): Follower {
  return {
    ...{ strategyId: 'st', mode: 'simulated', marginMode: 'cross', keyMark: '', leverageSet: null, exit: null },
    ...{ leverageTrusted: false, snapshot },
  };
}

const intent: SignalIntent = {
  symbol: 'BTC-USDT-SWAP',
  action: 'open',
  side: 'short',
  size: { unit: 'quote', value: '1000' },
  orderType: 'limit',
  limitPrice: '50000',
  referencePrice: null,
  leverage: null,
  stopPrice: null,
  sentAt: 900,
  maxLagMs: null,
  idempotencyKey: null,
};

function plan(over: Partial<SignalIntent>, more: Partial<PlanInput> = {}) {
  const planned = planSignal({
    ...{ now: context.now, maxLagMs: context.maxLagMs, leaderEquity: dec(100_000), strategies: [strategy] },
    instrument: { ...follower.instrument, ...context.listing },
    followers: [following(follower)],
    ...{ book: { side: null, quantity: '0' }, committed: NOTHING_COMMITTED },
    ...{ times: NO_TIMES, tenantKillSwitch: 'none', platformKillSwitch: 'none' },
    ...{ protected: new Set<string>(), resting: new Set<string>(), stopsRest: new Set<string>() },
    prices: new Map([['simulated', dec(50_000)]]),
    intent: { ...intent, ...over },
    ...more,
  });
  if (!planned.ok) throw new Error(planned.message);
  return planned;
}

describe('the leader’s own size in money', () => {
  const contracts = (over: Partial<SignalIntent>, more: Partial<PlanInput> = {}) =>
    plan(over, more).legs.map((leg) => (leg.kind === 'open' ? toText(leg.quantity) : toText(leg.share)));

  it('is reckoned with the market where his limit sells below it', () => {
    expect(contracts({})).toEqual(['2']);
    expect(contracts({ limitPrice: '50' })).toEqual(['2']);
    expect(contracts({ limitPrice: '62500' })).toEqual(['1.6']);
    expect(contracts({ side: 'long', limitPrice: '40000' })).toEqual(['2.5']);
    expect(contracts({ side: 'long', limitPrice: '62500' })).toEqual(['1.6']);
    const target = { action: 'target', side: null, size: { unit: 'quote', value: '-1000' } } as const;
    expect(contracts({ ...target, limitPrice: '50' })).toEqual(['2']);
    const book = { side: 'long', quantity: '4' } as const;
    expect(contracts({ action: 'close', side: 'long', limitPrice: '50' }, { book })).toEqual(['0.5']);
  });
});

describe('a reversal of more than one market order', () => {
  const book = { side: 'long', quantity: '1' } as const;
  const turning = {
    ...({ orderType: 'market', limitPrice: null, action: 'target', side: null } as const),
    size: { unit: 'contracts', value: '-5' } as const,
  };

  it('is several closes of one receipt, of which the last says what is owed', () => {
    const large = following({ ...long10, heldQuantity: dec(25_000) });
    const { trades } = plan(turning, { book, followers: [large] });
    expect(trades.map(({ leg, round, goesOn }) => [leg, round, goesOn])).toEqual([
      ['close', 0, true],
      ['close', 1, true],
      ['close', 2, false],
      ['open', 0, false],
    ]);
    const owed = trades.map(({ decision, goesOn }) => keptDecision(decision, undefined, goesOn).debtAfter);
    expect(owed).toEqual([null, null, '0', '0']);
  });

  it('is one close and one open of less, and an open alone of nothing', () => {
    const rounds = (snapshot: typeof follower) =>
      plan(turning, { book, followers: [following(snapshot)] }).trades.map(({ leg, round }) => [leg, round]);
    expect(rounds(long10)).toEqual([
      ['close', 0],
      ['open', 0],
    ]);
    expect(rounds(follower)).toEqual([['open', 0]]);
  });
});

it('closes what followers hold at a target of zero although the leader holds nothing', () => {
  const zero = { ...intent, orderType: 'market', limitPrice: null, action: 'target', side: null } as const;
  const { trades } = plan(
    { ...zero, size: { unit: 'base', value: '0' } },
    { followers: [following(long10), following(follower)] },
  );
  expect(trades.map(({ leg, decision }) => [leg, decision.outcome])).toEqual([
    ['close', 'order'],
    ['close', 'denied'],
  ]);
});
