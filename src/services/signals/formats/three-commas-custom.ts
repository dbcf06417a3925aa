import type { PositionSide, SignalSize, SizeUnit } from '@/domain/signal';
import { defineFormat, EMPTY_INTENT } from './define';
import type { Fields } from './fields';
import { SENDERS_OWN } from './sender-fields';
import { readTimestamp, readTradingViewSymbol } from './three-commas-common';

const ACTIONS = ['enter_long', 'exit_long', 'enter_short', 'exit_short', 'disable'] as const;
const CURRENCY_TYPES = ['base', 'quote', 'margin_percent', 'position_percent'] as const;

const ENTRY_UNITS: Readonly<Partial<Record<(typeof CURRENCY_TYPES)[number], SizeUnit>>> = {
  base: 'base',
  quote: 'quote',
  margin_percent: 'percent_balance',
};
const EXIT_UNITS: Readonly<Partial<Record<(typeof CURRENCY_TYPES)[number], SizeUnit>>> = {
  base: 'base',
  quote: 'quote',
  position_percent: 'percent_position',
};

function readSize(order: Fields, isEntry: boolean): SignalSize | null {
  const given = order.text('amount') !== null;
  const currency = order.choice('currency_type', CURRENCY_TYPES);
  if (!given && currency === null) return null;
  if (!given) return order.refuse('amount', '"order.amount" is missing.');
  if (currency === null) return order.refuse('currency_type', '"order.currency_type" is missing.');
  const unit = (isEntry ? ENTRY_UNITS : EXIT_UNITS)[currency];
  if (unit === undefined) {
    return order.refuse('currency_type', `"${currency}" cannot size an ${isEntry ? 'entry' : 'exit'}.`);
  }
  return order.size('amount', unit);
}

/**
 * Messages of 3Commas' Signal Bot, "custom" type. They have no id: a repeat is known by its content, of which the
 * timestamp is a part.
 */
export const threeCommasCustom = defineFormat({
  key: '3commas-custom',
  sizeField: 'order.amount',
  matches: (body) => 'bot_uuid' in body && !('strategy_info' in body),
  read(fields, { receivedAt }) {
    const action = fields.requiredChoice('action', ACTIONS);
    const common = {
      ...EMPTY_INTENT,
      symbol: readTradingViewSymbol(fields),
      sentAt: readTimestamp(fields, receivedAt),
      maxLagMs: fields.lag('max_lag'),
      referencePrice: fields.positiveDecimal('trigger_price', 'price'),
      stopLoss: fields.trigger('stop_loss', 'trigger_price_percent'),
    };
    const secret = fields.text('secret');
    fields.ignore('bot_uuid');
    fields.ignorePlain(SENDERS_OWN);
    const subAction = fields.text('positions_sub_action');

    if (action === 'disable') {
      if (subAction?.toLowerCase() !== 'market_close') {
        fields.refuse(
          'positions_sub_action',
          'A signal cannot switch a strategy off; "disable" is taken with "market_close", and closes the position.',
          'UNSUPPORTED_FIELD',
        );
      }
      // Of an order that comes with it, nothing counts.
      fields.ignore('order');
      return { secret, intent: { ...common, action: 'close' } };
    }
    if (subAction !== null) fields.refuse('positions_sub_action', '"positions_sub_action" belongs to "disable".');

    const isEntry = action.startsWith('enter');
    const side: PositionSide = action.endsWith('long') ? 'long' : 'short';
    const order = fields.section('order');
    if (order === null) return { secret, intent: { ...common, action: isEntry ? 'open' : 'close', side } };
    const size = readSize(order, isEntry);
    const orderType = order.choice('order_type', ['market', 'limit']) ?? 'market';
    const price = order.positiveDecimal('limit_price', 'price') ?? order.positiveDecimal('price', 'price');
    order.ignore('limit_price', 'price');
    if (orderType === 'limit' && price === null) order.refuse('price', 'A limit order needs an "order.price".');
    return {
      secret,
      intent: {
        ...common,
        action: isEntry ? 'open' : 'close',
        side,
        size,
        orderType,
        limitPrice: orderType === 'limit' ? price : null,
      },
    };
  },
  example: ({ symbol, secret, quantity = '1' }) =>
    JSON.stringify({
      secret: secret ?? '',
      max_lag: '300',
      timestamp: '{{timestamp}}',
      tv_exchange: '',
      tv_instrument: symbol,
      action: 'enter_long',
      bot_uuid: '',
      order: { amount: quantity, currency_type: 'base', order_type: 'market' },
    }),
});
