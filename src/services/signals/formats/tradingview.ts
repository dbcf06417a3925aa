import { type Dec, toText, ZERO } from '@/domain/decimal';
import { ORDER_TYPES, type PositionSide, type SignalIntent, type SignalSize, type TriggerLevel } from '@/domain/signal';
import { defineFormat, EMPTY_INTENT } from './define';
import type { Fields } from './fields';
import { SENDERS_OWN } from './sender-fields';

const ACTIONS = ['buy', 'sell', 'close', 'close_long', 'close_short'] as const;
type Action = (typeof ACTIONS)[number];

type Order = {
  readonly action: Action;
  readonly size: SignalSize | null;
  /** Where the strategy stands after it, in coins, signed; null: the sender does not say. */
  readonly target: Dec | null;
  /** The side on which it still stands after leaving a part; null: it is no such order. */
  readonly partOf: PositionSide | null;
};
type Move = Pick<SignalIntent, 'action' | 'side' | 'size' | 'exits'>;

const CLOSED_SIDE: Readonly<Partial<Record<Action, PositionSide>>> = { close_long: 'long', close_short: 'short' };

function inCoins(value: string): SignalSize {
  return { unit: 'base', value };
}

/**
 * Where the strategy stands after its order, signed, when the sender says so: `position_size`, or `market_position` with the
 * unsigned `market_position_size`. The side alone where it has left a part of unknown size and still stands there.
 */
function readTarget(fields: Fields, isPart: (position: PositionSide) => boolean): Dec | PositionSide | null {
  const target = fields.signedDecimal('position_size', 'statedCoins');
  const position = fields.choice('market_position', ['long', 'short', 'flat']);
  const size = fields.signedDecimal('market_position_size', 'statedCoins');
  if (position === null) return target;
  const stands = target ?? (position === 'short' ? size?.neg() : size) ?? null;
  if (stands === null && position === 'flat') return ZERO;
  if (stands === null && position !== 'flat' && isPart(position)) return position;
  if (stands === null) {
    return fields.refuse(
      'position_size',
      `"market_position" is "${position}", but not how large: send "position_size" as well, or neither.`,
    );
  }
  const side = stands.isZero() ? 'flat' : stands.gt(0) ? 'long' : 'short';
  if (side !== position) {
    const field = target === null ? 'market_position_size' : 'position_size';
    fields.refuse(field, `"${field}" contradicts "market_position": "${position}".`);
  }
  return stands;
}

/** What TradingView calls contracts are coins on a crypto chart, whatever the venue's contract value is. */
function readOrder(fields: Fields): Order {
  const action = fields.requiredChoice('action', ACTIONS);
  const size = fields.size('contracts', 'base');
  const isPart = (position: PositionSide): boolean =>
    size !== null && action === (position === 'long' ? 'sell' : 'buy');
  const stands = readTarget(fields, isPart);
  const partOf = typeof stands === 'string' ? stands : null;
  return { action, size, target: typeof stands === 'string' ? null : stands, partOf };
}

function moveOf({ action, size, target, partOf }: Order): Move {
  if (partOf !== null) return { action: 'close', side: partOf, size };
  // Not a target of zero: followers may hold even where our book of the leader is already flat.
  if (target?.isZero()) return { action: 'close', side: null, size: null };
  if (target !== null) {
    const move = { action: 'target', side: null, size: inCoins(toText(target)) } as const;
    return leaves(action, target) ? { ...move, exits: true } : move;
  }
  if (action === 'buy') return { action: 'open', side: 'long', size };
  if (action === 'sell') return { action: 'open', side: 'short', size };
  return { action: 'close', side: CLOSED_SIDE[action] ?? null, size };
}

/** Who sells and is still long has left a part of his position, as has who buys and is still short. */
function leaves(action: Action, target: Dec): boolean {
  return action === 'buy' ? target.isNegative() : action === 'sell' ? !target.isNegative() : true;
}

/**
 * One order of one strategy on one chart. Its id alone is none: "TP" is the name of three exits that may come in one second, and of
 * another chart's.
 */
function identify(id: string, sentAt: number | null, symbol: string, { action, size, target }: Order): string {
  const amount = target === null ? `contracts=${size?.value ?? 'all'}` : `target=${toText(target)}`;
  return [id, sentAt ?? 'untimed', symbol.toUpperCase(), action, amount].join('@');
}

function priceLevel(value: string | null): TriggerLevel | null {
  return value === null ? null : { unit: 'price', value };
}

/**
 * Plain JSON with TradingView's strategy placeholders. With `position_size` it is a target position; without, `buy` and
 * `sell` enter (closing the other side first), and only `close` leaves.
 *
 * `id` is often `{{strategy.order.id}}`, a name such as "Long" that comes again with every entry. So it counts together with the
 * time, the instrument and the order (see `identify`); a sender with ids of his own may leave the timestamp out.
 */
export const tradingview = defineFormat({
  key: 'tradingview',
  sizeField: 'contracts',
  matches: (body) => ('symbol' in body || 'ticker' in body) && 'action' in body && !('bot_uuid' in body),
  read(fields, { receivedAt }) {
    const ticker = fields.text('ticker');
    const symbol = fields.text('symbol') ?? ticker ?? fields.refuse('symbol', '"symbol" is missing.');
    const order = readOrder(fields);
    const previous = fields.previousPosition();
    const orderType = fields.choice('order_type', ORDER_TYPES) ?? 'market';
    const price = fields.positiveDecimal('price', 'price');
    const ownLimit = fields.positiveDecimal('limit_price', 'price');
    const limitPrice = ownLimit ?? price;
    if (orderType === 'limit' && limitPrice === null) {
      fields.refuse('limit_price', 'A limit order needs a "limit_price" or a "price".');
    }
    const id = fields.text('id');
    const sentAt = fields.time('timestamp', receivedAt) ?? fields.time('timenow', receivedAt);
    if (id === null && sentAt === null) {
      fields.refuse('timestamp', 'An "id" or a "timestamp" is needed; without them a repeat looks like a new signal.');
    }
    const secret = fields.text('secret');
    fields.ignorePlain(SENDERS_OWN);
    // A nested one could hold the position, which must not be missed: only a name is taken.
    fields.text('strategy');
    return {
      secret,
      intent: {
        ...EMPTY_INTENT,
        ...moveOf(order),
        ...(previous === undefined ? {} : { previous }),
        symbol,
        orderType,
        limitPrice: orderType === 'limit' ? limitPrice : null,
        referencePrice: price,
        leverage: fields.positiveDecimal('leverage', 'leverage'),
        stopPrice: fields.positiveDecimal('stop_price', 'price'),
        stopLoss: priceLevel(fields.positiveDecimal('stop_loss', 'price')),
        takeProfit: priceLevel(fields.positiveDecimal('take_profit', 'price')),
        sentAt: sentAt ?? receivedAt,
        maxLagMs: fields.lag('max_lag'),
        idempotencyKey: id === null ? null : identify(id, sentAt, symbol, order),
      },
    };
  },
  example: ({ symbol, secret, quantity = '1' }) =>
    JSON.stringify({
      ...(secret === undefined ? {} : { secret }),
      id: '{{id}}',
      timestamp: '{{timestamp}}',
      action: 'buy',
      symbol,
      contracts: quantity,
      position_size: quantity,
      order_type: 'market',
    }),
});
