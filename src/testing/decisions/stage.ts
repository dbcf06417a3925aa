import { NO_DEBTS } from '@/domain/debts';
import type { FollowerDecision, FollowerSnapshot, SignalContext } from '@/domain/decide';
import { type Dec, dec, toText, ZERO } from '@/domain/decimal';
import type { LeaderLeg } from '@/domain/leader';

/*
 * A follower and a signal for tests of decisions: 100,000 of equity, a tenth of the leader's size, BTC at 50,000, leverage 10.
 */

export const follower: FollowerSnapshot = {
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
  reduceToCap: false,
  reverse: false,
  debts: NO_DEBTS,
  customerMaxLeverage: null,
  subscriptionMaxLeverage: null,
  fixedLeverage: null,
  customerLimits: {},
  subscriptionLimits: {},
};

export const context: SignalContext = {
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

export function open(side: 'long' | 'short', quantity: string | Dec): LeaderLeg {
  return { kind: 'open', side, quantity: dec(quantity), percentBalance: null };
}

export function close(side: 'long' | 'short' | null, share: string): LeaderLeg {
  return { kind: 'close', side, share: dec(share) };
}

export const long10: FollowerSnapshot = {
  ...follower,
  heldSide: 'long',
  heldQuantity: dec(10),
  symbolMargin: dec(500),
};

export function show(decision: FollowerDecision): string {
  if (decision.outcome === 'denied') return decision.code;
  const { order } = decision.approved;
  const parts = [order.leg, order.side, order.positionSide, toText(order.quantity), `${toText(order.leverage)}×`];
  return [...parts, ...(order.reduceOnly ? ['reduce-only'] : [])].join(' ');
}
