import { type Dec, isAboveZero, minDec, quantize, ZERO } from './decimal';

/**
 * How a part of a position went that no order of ours closed: codes of receipts.
 *
 * CLOSED_BY_HAND      an order that somebody else placed on the account
 * LIQUIDATED          the venue closed what margin no longer carried
 * AUTO_DELEVERAGED    the venue closed it against somebody else's liquidation
 * DELISTED            the instrument ended, and the venue settled what was open
 * CLOSED_ELSEWHERE    it is gone, and the venue does not say how
 */
export const OUTSIDE_CODES = [
  'CLOSED_BY_HAND',
  'LIQUIDATED',
  'AUTO_DELEVERAGED',
  'DELISTED',
  'CLOSED_ELSEWHERE',
] as const;
export type OutsideCode = (typeof OUTSIDE_CODES)[number];

/** What the venue tells of an execution that reduced the position. Contracts and quote currency. */
export type OutsideExecution = {
  readonly id: string;
  readonly code: OutsideCode;
  readonly quantity: Dec;
  readonly price: Dec;
  /** As the venue signs it: negative is a cost. */
  readonly fee: Dec;
  /** Epoch ms. */
  readonly at: number;
};

/** A part of what is missing. */
export type OutsidePiece = {
  readonly code: OutsideCode;
  readonly quantity: Dec;
  /** Null: not told. */
  readonly price: Dec | null;
  readonly fee: Dec;
  /** The execution that it was, wholly or in part; null: not told. */
  readonly executionId: string | null;
  readonly at: number | null;
};

/** What is known of the rest, where executions do not explain all. */
export type OutsideRest = { readonly code: OutsideCode; readonly price: Dec | null; readonly at: number | null };

/**
 * Explains what is missing by the newest executions, in the order in which they happened. What they leave is the oldest part, and
 * explained by `rest`. The pieces add up to `missing` exactly.
 *
 * @param executions those that reduced this side, newest first
 */
export function explainMissing(
  missing: Dec,
  executions: readonly OutsideExecution[],
  rest: OutsideRest,
): readonly OutsidePiece[] {
  const pieces: OutsidePiece[] = [];
  let left = missing;
  for (const execution of executions) {
    if (!isAboveZero(left)) break;
    const quantity = minDec(execution.quantity, left);
    const { code, price, id, at } = execution;
    pieces.unshift({ code, quantity, price, fee: feeOf(execution, quantity), executionId: id, at });
    left = left.minus(quantity);
  }
  if (isAboveZero(left)) pieces.unshift({ ...rest, quantity: left, fee: ZERO, executionId: null });
  return pieces;
}

function feeOf({ fee, quantity: whole }: Pick<OutsidePiece, 'fee' | 'quantity'>, quantity: Dec): Dec {
  return quantity.eq(whole) ? fee : quantize(fee.times(quantity).div(whole));
}

/**
 * Gives each holder his part of the pieces, the first holder the oldest. Fees are divided by size, and add up.
 *
 * @param parts contracts that each holder lost; they add up to the pieces
 */
export function sharePieces(
  parts: readonly Dec[],
  pieces: readonly OutsidePiece[],
): readonly (readonly OutsidePiece[])[] {
  const queue = [...pieces];
  return parts.map((part) => {
    const own: OutsidePiece[] = [];
    for (let left = part; isAboveZero(left); ) {
      const piece = queue.shift();
      if (piece === undefined) throw new RangeError('The pieces do not add up to what is missing');
      const quantity = minDec(piece.quantity, left);
      const fee = feeOf(piece, quantity);
      own.push({ ...piece, quantity, fee });
      left = left.minus(quantity);
      const over = piece.quantity.minus(quantity);
      if (isAboveZero(over)) queue.unshift({ ...piece, quantity: over, fee: piece.fee.minus(fee) });
    }
    return own;
  });
}

/** Whether the venue itself closed a part of it: then our books follow, whatever anybody wants done about trades by hand. */
export function isForced(pieces: readonly Pick<OutsidePiece, 'code'>[]): boolean {
  return pieces.some(({ code }) => code === 'LIQUIDATED' || code === 'AUTO_DELEVERAGED' || code === 'DELISTED');
}
