import { SIZE_BOUNDS } from '@/domain/bounds';
import { toText } from '@/domain/decimal';
import {
  ORDER_TYPES,
  POSITION_SIDES,
  type PositionSide,
  SIZE_UNITS,
  type SignalSize,
  type SizeUnit,
} from '@/domain/signal';
import { defineFormat, EMPTY_INTENT } from './define';
import type { Fields } from './fields';

const ACTIONS = ['open', 'close', 'reverse', 'target', 'protect'] as const;
type Action = (typeof ACTIONS)[number];

const ABSOLUTE: readonly SizeUnit[] = ['contracts', 'base', 'quote', 'margin'];
const ALLOWED_UNITS: Readonly<Record<Action, readonly SizeUnit[]>> = {
  open: [...ABSOLUTE, 'percent_balance'],
  close: [...ABSOLUTE, 'percent_position'],
  reverse: ABSOLUTE,
  target: ABSOLUTE,
  protect: [],
};

/** Letters, digits and the punctuation of usual identifiers; no spaces, so that no trimming can make two ids one. */
const ID = /^[\x21-\x7e]{1,100}$/;

function readQuantity(fields: Fields, action: Action, side: PositionSide | null): SignalSize | null {
  const quantity = fields.section('quantity');
  if (action === 'protect' && quantity !== null) {
    return fields.refuse('quantity', '"protect" trades nothing, so it has no "quantity".');
  }
  if (quantity === null) {
    return action === 'reverse' || action === 'target'
      ? fields.refuse('quantity', `"quantity" is missing: "${action}" needs one.`)
      : null;
  }
  const unit = quantity.requiredChoice('unit', SIZE_UNITS);
  if (!ALLOWED_UNITS[action].includes(unit)) {
    quantity.refuse('unit', `The unit of "${action}" is one of ${ALLOWED_UNITS[action].join(', ')}; it is "${unit}".`);
  }
  const size = action === 'target' ? readTarget(quantity, unit) : quantity.size('value', unit);
  if (size === null) return quantity.refuse('value', '"quantity.value" is missing.');
  if (side !== null && size.value.startsWith('-')) {
    quantity.refuse('value', 'With a "side" the target is written without a sign.');
  }
  return size;
}

/** Signed, or zero. */
function readTarget(quantity: Fields, unit: SizeUnit): SignalSize | null {
  const value = quantity.signedDecimal('value', SIZE_BOUNDS[unit]);
  return value === null ? null : { unit, value: toText(value) };
}

/** The project's own format, version 1. */
export const native = defineFormat({
  key: 'native',
  sizeField: 'quantity',
  matches: (body) => 'version' in body,
  read(fields, { receivedAt }) {
    const version = fields.requiredText('version');
    if (version !== '1') fields.refuse('version', `Version ${version} is not known here; this is version 1.`);
    const id = fields.requiredText('id');
    if (!ID.test(id)) fields.refuse('id', '"id" is 1 to 100 letters, digits and signs, without spaces.');
    const sentAt = fields.time('timestamp', receivedAt) ?? fields.refuse('timestamp', '"timestamp" is missing.');
    const symbol = fields.requiredText('instrument');
    const action = fields.requiredChoice('action', ACTIONS);
    const side = fields.choice('side', POSITION_SIDES);
    if (side === null && (action === 'open' || action === 'reverse')) {
      fields.refuse('side', `"side" is missing: "${action}" needs long or short.`);
    }
    const size = readQuantity(fields, action, side);
    const orderType = fields.choice('orderType', ORDER_TYPES) ?? 'market';
    const limitPrice = fields.positiveDecimal('limitPrice', 'price');
    if (orderType === 'limit' && limitPrice === null)
      fields.refuse('limitPrice', 'A limit order needs a "limitPrice".');
    if (orderType === 'market' && limitPrice !== null) {
      fields.refuse('limitPrice', 'A market order has no "limitPrice"; say "orderType": "limit", or leave it out.');
    }
    return {
      secret: null,
      intent: {
        ...EMPTY_INTENT,
        symbol,
        // To be on the other side with a quantity is a target: sent twice under two ids it still does not add.
        action: action === 'reverse' ? 'target' : action,
        side,
        size,
        orderType,
        limitPrice,
        referencePrice: fields.positiveDecimal('price', 'price'),
        leverage: fields.positiveDecimal('leverage', 'leverage'),
        stopPrice: fields.positiveDecimal('stopPrice', 'price'),
        stopLoss: fields.trigger('stopLoss'),
        takeProfit: fields.trigger('takeProfit'),
        sentAt,
        maxLagMs: fields.lag('maxLag'),
        idempotencyKey: id,
      },
    };
  },
  example: ({ symbol, quantity = '1' }) =>
    JSON.stringify({
      version: 1,
      id: '{{id}}',
      timestamp: '{{timestamp}}',
      instrument: symbol,
      action: 'open',
      side: 'long',
      quantity: { unit: 'base', value: quantity },
      orderType: 'market',
    }),
});
