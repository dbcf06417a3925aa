import type { SignalIntent, SignalSize, TriggerLevel } from '@/domain/signal';
import { SIZING_MODES, type SizingMode } from '@/domain/sizing';
import { Chance } from '../storm/chance';

const ACTIONS = ['open', 'open', 'open', 'open', 'close', 'close', 'target', 'target', 'protect'] as const;
const SIDES = ['long', 'long', 'short'] as const;
const UNITS = ['contracts', 'contracts', 'base', 'quote', 'margin'] as const;

/** A random sequence of signals for one follower, as decimal text; the same for a seed. */

export type Setup = {
  readonly contractValue: string;
  readonly lotSize: string;
  readonly minSize: string;
  readonly maxMarketSize: string | null;
  readonly tickSize: string;
  readonly maxLeverage: string;
  readonly mode: SizingMode;
  readonly value: string | null;
  readonly ratio: string;
  readonly forceMinimum: boolean;
  readonly reduceToCap: boolean;
  readonly reverse: boolean;
  readonly customerMaxLeverage: string | null;
  readonly subscriptionMaxLeverage: string | null;
  readonly strategyMaxLeverage: string;
  readonly defaultLeverage: string;
  readonly orderShare: string;
  readonly symbolShare: string;
  readonly totalShare: string;
  readonly slippage: string;
  readonly leaderEquity: string;
};

export type Step = {
  readonly intent: SignalIntent;
  /** Null: nobody knows it. */
  readonly market: string | null;
  /** What is filled at market, in any case. */
  readonly last: string;
  readonly equity: string | null;
  readonly free: string | null;
  readonly elsewhere: string;
  /** Whether an entry that rests is filled before the next signal. */
  readonly restFills: boolean;
};

export type Sequence = { readonly setup: Setup; readonly steps: readonly Step[] };

export function sequenceOf(seed: number): Sequence {
  const chance = new Chance(seed, 'exact model');
  const setup = setupOf(chance);
  const steps: Step[] = [];
  // Of one contract, in hundredths: it is worth 1 to 2000.
  let price = Math.max(300, Math.round(chance.integer(100, 200_000) / Number(setup.contractValue)));
  for (let count = chance.integer(4, 12); count > 0; count -= 1) {
    price = Math.max(100, Math.round(price * (0.9 + chance.fraction() * 0.2)));
    const step = stepOf(chance, price);
    // Each is newer than the one before: this is about sizes, not about order.
    steps.push({ ...step, intent: { ...step.intent, sentAt: (steps.length + 1) * 1000 } });
  }
  return { setup, steps };
}

function setupOf(chance: Chance): Setup {
  const mode = chance.oneIn(3) ? 'ratio' : chance.pick(SIZING_MODES);
  const lotSize = chance.pick(['0.01', '0.1', '1', '0.5', '0.3']);
  const lots = chance.pick(['1', '1', '2', '3', '1.5', '0.2']);
  const needsValue = mode !== 'ratio' && mode !== 'equity_proportional';
  return {
    contractValue: chance.pick(['0.001', '0.01', '0.1', '1', '10', '100']),
    lotSize,
    minSize: decimal(Math.round(Number(lotSize) * Number(lots) * 1000), 3),
    maxMarketSize: chance.oneIn(4) ? decimal(chance.integer(300, 4_000), 2) : null,
    tickSize: chance.pick(['0.01', '0.1', '0.5', '0.3']),
    maxLeverage: chance.pick(['5', '20', '100']),
    mode,
    value: needsValue && !chance.oneIn(40) ? sizingValue(chance, mode) : null,
    ratio: decimal(chance.integer(1, 3_000), 3),
    forceMinimum: chance.oneIn(5),
    reduceToCap: chance.oneIn(2),
    reverse: chance.oneIn(3),
    customerMaxLeverage: chance.oneIn(25) ? '0.5' : chance.oneIn(3) ? chance.pick(['2', '3.337', '10', '7']) : null,
    subscriptionMaxLeverage: chance.oneIn(4) ? chance.pick(['1', '4', '12.5']) : null,
    strategyMaxLeverage: chance.pick(['5', '20', '50']),
    defaultLeverage: chance.pick(['1', '3', '5']),
    orderShare: share(chance),
    symbolShare: share(chance),
    totalShare: share(chance),
    slippage: chance.pick(['0.005', '0.02', '0.1']),
    leaderEquity: decimal(chance.integer(1_000, 10_000_000), 2),
  };
}

function sizingValue(chance: Chance, mode: SizingMode): string {
  if (mode === 'fixed_quantity') return decimal(chance.integer(1, 3_000), 3);
  if (mode === 'percent_balance' || mode === 'risk_percent') return decimal(chance.integer(1, 1_000), 2);
  return decimal(chance.integer(1, 500_000), 2);
}

function share(chance: Chance): string {
  return chance.oneIn(2) ? '1' : decimal(chance.integer(1, 60), 2);
}

/** A price at most so far from the market, as a fraction of it; on any side, or below or above it. */
type Near = (within: number, direction?: 1 | -1) => string;

/** @param price in hundredths */
function stepOf(chance: Chance, price: number): Step {
  const near: Near = (within, direction) => {
    const distance = chance.fraction() * within * (direction ?? (chance.oneIn(2) ? 1 : -1));
    return decimal(Math.max(1, Math.round(price * (1 + distance))), 2);
  };
  const last = decimal(price, 2);
  const equity = chance.integer(10, chance.oneIn(3) ? 200_000 : 50_000_000);
  const owing = chance.oneIn(25);
  return {
    intent: intentOf(chance, near),
    market: chance.oneIn(40) ? null : last,
    last,
    equity: chance.oneIn(60) ? null : owing ? `-${decimal(equity, 2)}` : chance.oneIn(60) ? '0' : decimal(equity, 2),
    free: chance.oneIn(4) ? null : decimal(Math.round(equity * chance.fraction()), 2),
    elsewhere: chance.oneIn(2) ? '0' : decimal(Math.round(equity * chance.fraction() * 0.3), 2),
    restFills: chance.oneIn(2),
  };
}

function intentOf(chance: Chance, near: Near): SignalIntent {
  const away = () => (chance.oneIn(6) ? 0.0003 : 0.1);
  const below = () => near(away(), -1);
  const above = () => near(away(), 1);
  const action = chance.pick(ACTIONS);
  const named = action === 'open' || chance.oneIn(2);
  const side = named ? chance.pick(SIDES) : null;
  const isLimit = chance.oneIn(3) && action !== 'protect';
  // At times far away: what no market would give, and what rounds to nothing.
  const limit = chance.oneIn(6) ? chance.pick(['0.004', '0.2', near(0.9), near(3)]) : near(0.05);
  return {
    symbol: 'X-USDT-SWAP',
    action,
    side,
    size: sizeOf(chance, action, side !== null),
    orderType: isLimit ? 'limit' : 'market',
    limitPrice: isLimit ? limit : null,
    referencePrice: chance.oneIn(3) ? near(0.03) : null,
    leverage: chance.oneIn(2) ? chance.pick(['1', '2.5', '10', '50']) : null,
    stopPrice: chance.oneIn(3) ? (side === 'short' ? above() : below()) : null,
    stopLoss: levelOf(chance, side === 'short' ? above : below, near),
    takeProfit: levelOf(chance, side === 'short' ? below : above, near),
    sentAt: 0,
    maxLagMs: null,
    idempotencyKey: null,
  };
}

/** Mostly on the side where it belongs. */
function levelOf(chance: Chance, right: () => string, near: Near): TriggerLevel | null {
  if (chance.oneIn(2)) return null;
  if (chance.oneIn(4)) return { unit: 'percent', value: decimal(chance.integer(1, 15_000), 2) };
  return { unit: 'price', value: chance.oneIn(8) ? near(0.1) : right() };
}

function sizeOf(chance: Chance, action: SignalIntent['action'], sided: boolean): SignalSize | null {
  const amount = () => decimal(chance.integer(1, chance.oneIn(3) ? 60 : 40_000), 3);
  const money = () => decimal(chance.integer(1, 20_000_000), 2);
  if (action === 'protect') return null;
  if (action === 'close') {
    if (chance.oneIn(4)) return null;
    if (chance.oneIn(2)) return { unit: 'percent_position', value: decimal(chance.integer(1, 10_000), 2) };
  }
  if (action === 'open' && chance.oneIn(6))
    return { unit: 'percent_balance', value: decimal(chance.integer(1, 10_000), 2) };
  if (action === 'target' && chance.oneIn(4)) return { unit: 'base', value: '0' };
  const sign = action === 'target' && !sided && chance.oneIn(2) ? '-' : '';
  const unit = chance.pick(UNITS);
  return { unit, value: `${sign}${unit === 'quote' || unit === 'margin' ? money() : amount()}` };
}

/** An integer of the last of so many decimals, as text. */
function decimal(units: number, places: number): string {
  const digits = String(units).padStart(places + 1, '0');
  const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return text.replace(/\.?0+$/, '');
}
