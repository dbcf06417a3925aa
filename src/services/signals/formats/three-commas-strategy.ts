import { type Dec, toText } from '@/domain/decimal';
import { defineFormat, EMPTY_INTENT } from './define';
import { SENDERS_OWN } from './sender-fields';
import { readTimestamp, readTradingViewSymbol } from './three-commas-common';

const POSITIONS = ['long', 'short', 'flat'] as const;

/**
 * Messages of 3Commas' Signal Bot, "strategy" type: TradingView says where its strategy stands, so they are a target.
 * `market_position_size` is unsigned and in coins. Without it only what is certain is accepted: flat, an entry from flat, or a part of the
 * position that is left.
 * They have no id: a repeat is known by its content, of which the timestamp is a part.
 */
export const threeCommasStrategy = defineFormat({
  key: '3commas-strategy',
  sizeField: 'order.amount',
  matches: (body) => 'bot_uuid' in body && 'strategy_info' in body,
  read(fields, { receivedAt }) {
    const common = {
      ...EMPTY_INTENT,
      symbol: readTradingViewSymbol(fields),
      sentAt: readTimestamp(fields, receivedAt),
      maxLagMs: fields.lag('max_lag'),
      referencePrice: fields.positiveDecimal('trigger_price', 'price'),
    };
    const secret = fields.text('secret');
    fields.ignore('bot_uuid');
    fields.ignorePlain(SENDERS_OWN);
    const action = fields.choice('action', ['buy', 'sell']);

    const order = fields.section('order');
    const amount = order?.size('amount', 'base') ?? null;
    const currency = order?.text('currency_type') ?? null;
    if (order !== null && currency !== null && currency.toLowerCase() !== 'base') {
      order.refuse(
        'currency_type',
        `A strategy's position is copied in coins: "order.currency_type" must be "base", it is "${currency}".`,
        'UNSUPPORTED_FIELD',
      );
    }
    const orderType = order?.text('order_type') ?? null;
    if (order !== null && orderType !== null && orderType.toLowerCase() !== 'market') {
      order.refuse('order_type', 'Only market orders are copied from this format.', 'UNSUPPORTED_FIELD');
    }

    const info = fields.section('strategy_info') ?? fields.refuse('strategy_info', '"strategy_info" is missing.');
    const position = info.requiredChoice('market_position', POSITIONS);
    const size: Dec | null = info.signedDecimal('market_position_size', 'statedCoins');
    const previous = info.previousPosition();
    // Who sells and is still long has left a part of his position, as has who buys and is still short.
    const leaves = (action === 'sell' && position === 'long') || (action === 'buy' && position === 'short');
    const stated = { ...(previous === undefined ? {} : { previous }), ...(leaves ? { exits: true } : {}) };

    if (position === 'flat') {
      if (size !== null && !size.isZero()) {
        info.refuse('market_position_size', `A flat position has size 0; it is ${toText(size)}.`);
      }
      // Not a target of zero: followers may hold even where our book of the leader is already flat.
      return { secret, intent: { ...common, ...stated, action: 'close' } };
    }
    if (size !== null) {
      if (size.lte(0)) info.refuse('market_position_size', `A ${position} position has a size above 0.`);
      return {
        secret,
        intent: { ...common, ...stated, action: 'target', side: position, size: { unit: 'base', value: toText(size) } },
      };
    }
    if (leaves && amount !== null) {
      return { secret, intent: { ...common, ...stated, action: 'close', side: position, size: amount } };
    }
    if (previous?.side !== 'flat' || amount === null || leaves) {
      return info.refuse(
        'market_position_size',
        '"strategy_info.market_position_size" is missing; without it an add, a partial close and a reversal look alike.',
      );
    }
    return { secret, intent: { ...common, ...stated, action: 'open', side: position, size: amount } };
  },
  example: ({ symbol, secret, quantity = '1' }) =>
    JSON.stringify({
      secret: secret ?? '',
      max_lag: '300',
      timestamp: '{{timestamp}}',
      tv_exchange: '',
      tv_instrument: symbol,
      action: 'buy',
      bot_uuid: '',
      strategy_info: {
        market_position: 'long',
        market_position_size: quantity,
        prev_market_position: 'flat',
        prev_market_position_size: '0',
      },
      order: { amount: quantity, currency_type: 'base' },
    }),
});
