import { isAbove, isBelow, sharedText, toText } from '../../decimal';
import { contractsToBase } from '../../instrument';
import { smallestOrder } from '../../sizing';
import type { SizeRule } from '../types';

/** Entries only: a last remainder under the minimum must still be closable. */
export const orderMinimum: SizeRule = {
  name: 'order_minimum',
  phase: 'size',
  appliesTo: 'entries',
  evaluate(order, { instrument }) {
    const minimum = smallestOrder(instrument);
    return {
      value: toText(order.quantity),
      limit: sharedText(minimum),
      denial: isBelow(order.quantity, minimum)
        ? {
            code: 'BELOW_MINIMUM',
            context: {
              wanted: toText(contractsToBase(instrument, order.quantity)),
              minimum: toText(contractsToBase(instrument, minimum)),
              currency: instrument.baseCurrency,
              venue: instrument.venue,
            },
          }
        : null,
    };
  },
};

/** Reductions are cut to the maximum when they are sized; this catches entries, and orders from elsewhere. */
export const orderMaximum: SizeRule = {
  name: 'order_maximum',
  phase: 'size',
  appliesTo: 'all',
  evaluate(order, { instrument }) {
    const most = instrument.maxMarketSize;
    if (most === null || order.orderType !== 'market') return null;
    return {
      value: toText(order.quantity),
      limit: sharedText(most),
      denial: isAbove(order.quantity, most)
        ? {
            code: 'ABOVE_MAXIMUM',
            context: {
              wanted: toText(contractsToBase(instrument, order.quantity)),
              maximum: toText(contractsToBase(instrument, most)),
              currency: instrument.baseCurrency,
              venue: instrument.venue,
            },
          }
        : null,
    };
  },
};
