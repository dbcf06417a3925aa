/** Every reason for which our own rules refuse an order. Closed: pages, statistics and translations enumerate it. */
export const DENIAL_CODES = [
  'KILL_SWITCH',
  'STRATEGY_PAUSED',
  'SUBSCRIPTION_PAUSED',
  'CUSTOMER_SUSPENDED',
  'ACCOUNT_UNAVAILABLE',
  'STALE_SIGNAL',
  'SYMBOL_NOT_ALLOWED',
  'INSTRUMENT_SUSPENDED',
  'INSTRUMENT_DELISTED',
  'LEVERAGE_EXCEEDED',
  'LEVERAGE_FIXED',
  'ORDER_CAP',
  'SYMBOL_EXPOSURE',
  'TOTAL_EXPOSURE',
  'SLIPPAGE',
  'INSUFFICIENT_BALANCE',
  'ABOVE_MAXIMUM',
  'BELOW_MINIMUM',
  'NO_POSITION',
  'ENTRY_ON_ITS_WAY',
  'NO_STOP',
  'STOP_CROSSED',
  'TAKE_PROFIT_CROSSED',
  'NO_SIZE_SET',
  'EQUITY_UNKNOWN',
  'LEADER_EQUITY_UNKNOWN',
  'PRICE_UNKNOWN',
  'OPPOSITE_POSITION',
  'VENUE_UNREACHABLE',
  'SIZE_OUT_OF_RANGE',
  'PRICE_OUT_OF_RANGE',
  'DECISION_FAILED',
] as const;
export type DenialCode = (typeof DENIAL_CODES)[number];

/** The numbers of a denial, as text; `denialSentence` puts them into words. */
export type DenialContext = Readonly<Record<string, string>>;
