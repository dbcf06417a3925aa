import { toText } from '@/domain/decimal';
import {
  ORDER_TYPES,
  POSITION_SIDES,
  type PositionSide,
  SIZE_UNITS,
  type SignalSize,
  type SizeUnit,
} from '@/domain/signal';
import { defineFormat, EMPTY_INTENT, isMoreThanAll } from './define';
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
  if (action === 'target' && side === null) {
    const value = quantity.signedDecimal('value') ?? quantity.refuse('value', '"quantity.value" is missing.');
    quantity.finish();
    return { unit, value: toText(value) };
  }
  const value =
    action === 'target'
      ? (quantity.signedDecimal('value') ?? quantity.refuse('value', '"quantity.value" is missing.'))
      : null;
  if (value?.lt(0)) quantity.refuse('value', 'With a "side" the target is written without a sign.');
  const text = value === null ? quantity.requiredPositiveDecimal('value') : toText(value);
  if (isMoreThanAll({ unit, value: text })) {
    quantity.refuse('value', `A percentage is at most 100; it is ${text}.`);
  }
  quantity.finish();
  return { unit, value: text };
}

/** The project's own format, version 1. */
export const native = defineFormat({
  key: 'native',
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
    const limitPrice = fields.positiveDecimal('limitPrice');
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
        referencePrice: fields.positiveDecimal('price'),
        leverage: fields.positiveDecimal('leverage'),
        stopPrice: fields.positiveDecimal('stopPrice'),
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
