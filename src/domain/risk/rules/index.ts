import type { Rule } from '../types';
import { crossedLevel } from './crossed-level';
import { balance, orderCap, symbolExposure, totalExposure } from './exposure';
import { instrumentTrades } from './instrument-trades';
import { killSwitch } from './kill-switch';
import { equityKnown, priceKnown } from './known-figures';
import { leverage } from './leverage';
import { oppositePosition } from './opposite-position';
import { orderMaximum, orderMinimum } from './order-size';
import { signalAge } from './signal-age';
import { slippage } from './slippage';
import { accountStatus, customerStatus, strategyStatus, subscriptionStatus } from './status';
import { symbolAllowed } from './symbol-allowed';

/** In the order they are asked; the first that denies wins. Gates stand before what needs a quantity. */
export const RULES: readonly Rule[] = [
  killSwitch,
  customerStatus,
  strategyStatus,
  subscriptionStatus,
  accountStatus,
  signalAge,
  symbolAllowed,
  instrumentTrades,
  leverage,
  oppositePosition,
  equityKnown,
  priceKnown,
  crossedLevel,
  slippage,
  orderMinimum,
  orderMaximum,
  orderCap,
  symbolExposure,
  totalExposure,
  balance,
];
