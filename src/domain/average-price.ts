import { type Dec, isAboveZero, quantize } from './decimal';
import { contractsToBase, type Instrument } from './instrument';

/**
 * Average price in quote currency, with 18 decimals as everywhere; null for no quantity.
 *
 * @param quantity contracts
 * @param value Σ contracts · contract value · price of what was traded, quote currency
 */
export function averagePrice(instrument: Pick<Instrument, 'contractValue'>, quantity: Dec, value: Dec): Dec | null {
  return isAboveZero(quantity) ? quantize(value.div(contractsToBase(instrument, quantity))) : null;
}
