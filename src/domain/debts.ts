import { type Dec, ZERO } from './decimal';
import type { PositionSide } from './signal';

/** What rounding owes a follower on each side of an instrument, contracts: > 0, he holds too little there; < 0, too much. */
export type SideDebts = { readonly [S in PositionSide]: Dec };

export const NO_DEBTS: SideDebts = { long: ZERO, short: ZERO };

/** The same with another debt on one side. */
export function withDebt(debts: SideDebts, side: PositionSide, debt: Dec): SideDebts {
  return side === 'long' ? { long: debt, short: debts.short } : { long: debts.long, short: debt };
}
