import { type Dec, dec, isBelow } from '../decimal';

/**
 * Limits of a follower's orders. Shares are fractions of his equity, measured in **margin** (notional ÷ leverage), so
 * that the same share means the same money at risk of a margin call whatever the leverage.
 */
export type RiskLimits = {
  /** One entry's margin ÷ equity. */
  readonly maxOrderShare: Dec;
  /** Margin in one instrument after the entry ÷ equity. */
  readonly maxSymbolShare: Dec;
  /** Margin in all instruments after the entry ÷ equity. */
  readonly maxTotalShare: Dec;
  /** Adverse distance of the price from the signal's own, as a fraction; null: `defaultSlippage` of the instrument. */
  readonly maxSlippage: Dec | null;
};

/** What a strategy, customer or subscription may set for itself. */
export type RiskOverrides = { readonly [K in keyof RiskLimits]?: Dec | null };

export const DEFAULT_LIMITS: RiskLimits = {
  maxOrderShare: dec('0.05'),
  maxSymbolShare: dec('0.3'),
  maxTotalShare: dec(1),
  maxSlippage: null,
};

const DEEP_MARKETS: readonly string[] = ['BTC', 'ETH'];
const DEEP_SLIPPAGE = dec('0.005');
const OTHER_SLIPPAGE = dec('0.015');

/** 0.5 % for BTC and ETH, 1.5 % for all others. */
export function defaultSlippage(baseCurrency: string): Dec {
  return DEEP_MARKETS.includes(baseCurrency.toUpperCase()) ? DEEP_SLIPPAGE : OTHER_SLIPPAGE;
}

function tightest(overrides: readonly RiskOverrides[], key: keyof RiskLimits): Dec | null {
  let least: Dec | null = null;
  for (const override of overrides) {
    const value = override[key] ?? null;
    if (value !== null && (least === null || isBelow(value, least))) least = value;
  }
  return least;
}

/** The smallest of what strategy, customer and subscription set; `defaults` where none of them sets anything. */
export function tightestLimits(overrides: readonly RiskOverrides[], defaults: RiskLimits = DEFAULT_LIMITS): RiskLimits {
  return {
    maxOrderShare: tightest(overrides, 'maxOrderShare') ?? defaults.maxOrderShare,
    maxSymbolShare: tightest(overrides, 'maxSymbolShare') ?? defaults.maxSymbolShare,
    maxTotalShare: tightest(overrides, 'maxTotalShare') ?? defaults.maxTotalShare,
    maxSlippage: tightest(overrides, 'maxSlippage') ?? defaults.maxSlippage,
  };
}
