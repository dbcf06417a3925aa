import type { Dec } from '../decimal';
import type { Instrument } from '../instrument';
import type { Listing } from '../listing';
import type { OrderType, PositionSide } from '../signal';
import type { DenialCode, DenialContext } from './codes';
import type { RiskLimits } from './limits';

export const ORDER_SIDES = ['buy', 'sell'] as const;
export type OrderSide = (typeof ORDER_SIDES)[number];

export const POSITION_MODES = ['net', 'long_short'] as const;
export type PositionMode = (typeof POSITION_MODES)[number];

/** What is known of an order before it has a quantity. */
export type OrderOutline = {
  readonly leg: 'open' | 'close';
  readonly side: OrderSide;
  readonly positionSide: PositionSide;
  /** A close in net mode is reduce-only; in long/short mode the venue implies it. */
  readonly reduceOnly: boolean;
  readonly orderType: OrderType;
  readonly limitPrice: Dec | null;
  readonly leverage: Dec;
};

/** An order that rules may still refuse. Quantity in contracts. */
export type ProposedOrder = OrderOutline & { readonly quantity: Dec };

/**
 * none         nothing is held back
 * halt         nothing leaves, closes neither
 * reduce_only  closes leave, opens do not
 * flatten      as reduce_only, while everything held is being closed
 */
export const KILL_SWITCH_LEVELS = ['none', 'reduce_only', 'flatten', 'halt'] as const;
export type KillSwitchLevel = (typeof KILL_SWITCH_LEVELS)[number];

export const KILL_SWITCH_SCOPES = ['platform', 'tenant', 'strategy', 'customer'] as const;
export type KillSwitchScope = (typeof KILL_SWITCH_SCOPES)[number];
export type KillSwitches = { readonly [K in KillSwitchScope]: KillSwitchLevel };

export const NO_KILL_SWITCH: KillSwitches = { platform: 'none', tenant: 'none', strategy: 'none', customer: 'none' };

/** Everything the rules look at, read once before a signal is planned. Money in quote currency. */
export type RiskSnapshot = {
  /** Epoch ms. */
  readonly now: number;
  readonly signal: {
    /** Epoch ms. */
    readonly sentAt: number;
    readonly maxLagMs: number;
    /** The price the sender saw; null: no slippage guard. */
    readonly referencePrice: Dec | null;
  };
  readonly killSwitches: KillSwitches;
  readonly customerActive: boolean;
  readonly strategyActive: boolean;
  readonly subscriptionActive: boolean;
  /** Null when orders can be placed; else why not ("key expired"). */
  readonly accountProblem: string | null;
  readonly instrument: Instrument;
  readonly listing: Listing;
  /** Venue symbols; null: all. Both lists must have it. */
  readonly strategySymbols: readonly string[] | null;
  readonly subscriptionSymbols: readonly string[] | null;
  readonly price: Dec | null;
  /** Stop-loss and take-profit of the position that an entry leads to, where the signal names a price. */
  readonly stopPrice: Dec | null;
  readonly takePrice: Dec | null;
  readonly equity: Dec | null;
  /** Free margin; null when the venue has not told. */
  readonly available: Dec | null;
  /** Margin that this account's positions and working entries bind in this instrument, and in all. */
  readonly symbolMargin: Dec;
  readonly totalMargin: Dec;
  readonly positionMode: PositionMode;
  /** What this subscription holds itself. */
  readonly heldSide: PositionSide | null;
  /** Signed contracts that other strategies of the same account hold in this instrument: long positive. */
  readonly othersQuantity: Dec;
  readonly maxLeverage: Dec;
  /** The leverage of the order is the account's, which the venue does not change now. */
  readonly fixedLeverage: boolean;
  readonly limits: RiskLimits;
};

/** One rule's look at an order, for the receipt. */
export type RiskCheck = {
  readonly rule: RuleName;
  readonly value: string;
  readonly limit: string;
  readonly passed: boolean;
};

export const RULE_NAMES = [
  'kill_switch',
  'customer_status',
  'strategy_status',
  'subscription_status',
  'account_status',
  'signal_age',
  'symbol_allowed',
  'instrument_trades',
  'leverage',
  'opposite_position',
  'equity_known',
  'price_known',
  'crossed_level',
  'slippage',
  'order_minimum',
  'order_maximum',
  'order_cap',
  'symbol_exposure',
  'total_exposure',
  'balance',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

export type RuleOutcome = {
  readonly value: string;
  readonly limit: string;
  /** Null: passed. */
  readonly denial: { readonly code: DenialCode; readonly context: DenialContext } | null;
};

type RuleBase = {
  readonly name: RuleName;
  /** Closes skip rules for entries. */
  readonly appliesTo: 'all' | 'entries';
};

/** Needs no quantity, so it is asked before sizing: what a gate refuses leaves no rounding debt behind. */
export type GateRule = RuleBase & {
  readonly phase: 'gate';
  /** Null: does not apply here. */
  evaluate(order: OrderOutline, snapshot: RiskSnapshot): RuleOutcome | null;
};

export type SizeRule = RuleBase & {
  readonly phase: 'size';
  /** @param margin what the order binds (`orderMargin`), for the rules that compare it; null without a price */
  evaluate(order: ProposedOrder, snapshot: RiskSnapshot, margin: Dec | null): RuleOutcome | null;
};

export type Rule = GateRule | SizeRule;
