/** What a sender asks for, in the product's own words, before anything is looked up. Pure text and numbers. */

export const POSITION_SIDES = ['long', 'short'] as const;
export type PositionSide = (typeof POSITION_SIDES)[number];

export const ORDER_TYPES = ['market', 'limit'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/**
 * open    enter or add on `side`; when the leader stands on the other side, that position is closed first (a reversal)
 * close   leave `side` (or whatever side is held, when null), all of it or a part
 * target  bring the leader's position to a signed quantity; crossing zero is a reversal
 * protect trade nothing; set the stop-loss and take-profit of what is held to those of the signal
 */
export const SIGNAL_ACTIONS = ['open', 'close', 'target', 'protect'] as const;
export type SignalAction = (typeof SIGNAL_ACTIONS)[number];

/**
 * contracts, base (coins), quote (notional), margin (quote, before leverage): absolute sizes of the leader.
 * percent_balance: percent (0–100] of the balance of whoever executes it, as margin.
 * percent_position: percent (0–100] of the position being closed.
 */
export const SIZE_UNITS = ['contracts', 'base', 'quote', 'margin', 'percent_balance', 'percent_position'] as const;
export type SizeUnit = (typeof SIZE_UNITS)[number];

export type SignalSize = {
  readonly unit: SizeUnit /** decimal text, > 0 (signed only for target) */;
  readonly value: string;
};

/**
 * Where a stop-loss or take-profit stands: a price in quote currency, or percent (0–1000) of the average entry of whoever holds the
 * position, on the losing side for a stop-loss and on the winning side for a take-profit.
 */
export type TriggerLevel = { readonly unit: 'price' | 'percent' /** Decimal text, > 0. */; readonly value: string };

/** Where a leader stood before his signal, as its sender says. Coins without a sign; null: he does not say how many, or on which side. */
export type StatedPosition = { readonly side: PositionSide | 'flat' | null; readonly coins: string | null };

/** A parsed signal. Every field is plain JSON, so that it can be stored with the row and replayed. */
export type SignalIntent = {
  /** The instrument as the sender wrote it; resolved by `resolveSymbol`. */
  readonly symbol: string;
  /** Its USD was taken for USDT. */
  readonly usdMeantUsdt?: boolean;
  readonly action: SignalAction;
  readonly side: PositionSide | null;
  /** Null: all of the position for a close; the strategy's default quantity for an open. */
  readonly size: SignalSize | null;
  readonly orderType: OrderType;
  /** Decimal text; present for limit orders. */
  readonly limitPrice: string | null;
  /** The price the sender saw, decimal text; the slippage guard measures against it. */
  readonly referencePrice: string | null;
  /** Decimal text. */
  readonly leverage: string | null;
  /** Stop price, decimal text; used by the risk-percent sizing. Places no order: `stopLoss` does. */
  readonly stopPrice: string | null;
  /** Both null: the signal says nothing about them. Absent in what was stored before there were any. */
  readonly stopLoss?: TriggerLevel | null;
  readonly takeProfit?: TriggerLevel | null;
  /** Absent: the sender does not say where he stood before. */
  readonly previous?: StatedPosition;
  /** By the sender's own words it only leaves: it never opens, whatever its target is. */
  readonly exits?: boolean;
  /** When the sender made it, epoch ms. */
  readonly sentAt: number;
  /** How old it may be when it is executed, ms; null: the source's setting. */
  readonly maxLagMs: number | null;
  /** The sender's own id of this signal; null: derived from the content by ingest. */
  readonly idempotencyKey: string | null;
};

/**
 * Signals of our own, by which followers close what they hold while the leader does not move.
 *
 * flatten       closes for every follower whose hardest kill switch is "flatten" when it is planned
 * crossed-stop  closes for every follower whose stop-loss or take-profit the market had passed before the venue could hold it
 * exit          closes what is held although the leader has left, or of which a share was left open
 * late-fill     as earlier versions called an exit
 */
export const CLOSING_FORMATS = ['flatten', 'crossed-stop', 'exit', 'late-fill'] as const;
export type ClosingFormat = (typeof CLOSING_FORMATS)[number];

/** Null: a leader's signal. Senders cannot choose these formats: they are no parser's key. */
export function closingFormat(format: string): ClosingFormat | null {
  return CLOSING_FORMATS.find((known) => known === format) ?? null;
}

/** A leader's position in one instrument, as his signals made it. Quantity in contracts, 0 when flat. */
export type LeaderBook = { readonly side: PositionSide | null; readonly quantity: string };
