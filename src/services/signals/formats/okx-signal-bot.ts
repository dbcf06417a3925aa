import type { PositionSide, SignalSize, SizeUnit } from '@/domain/signal';
import { defineFormat, EMPTY_INTENT } from './define';
import type { Fields } from './fields';
import { SENDERS_OWN } from './sender-fields';

const ACTIONS = ['ENTER_LONG', 'EXIT_LONG', 'ENTER_SHORT', 'EXIT_SHORT'] as const;

const INVESTMENT_TYPES = [
  'margin',
  'contract',
  'base',
  'percentage_balance',
  'percentage_investment',
  'percentage_position',
] as const;

const ENTRY_UNITS: Readonly<Partial<Record<(typeof INVESTMENT_TYPES)[number], SizeUnit>>> = {
  margin: 'margin',
  contract: 'contracts',
  base: 'base',
  percentage_balance: 'percent_balance',
};
const EXIT_UNITS: Readonly<Partial<Record<(typeof INVESTMENT_TYPES)[number], SizeUnit>>> = {
  contract: 'contracts',
  base: 'base',
  percentage_position: 'percent_position',
};

function readSize(fields: Fields, isEntry: boolean): SignalSize | null {
  const investment = fields.choice('investmentType', INVESTMENT_TYPES);
  const given = fields.text('amount') !== null;
  if (investment === null && !given) return null;
  if (investment === null) return fields.refuse('investmentType', 'An "amount" needs an "investmentType".');
  if (!given) return fields.refuse('amount', 'An "investmentType" needs an "amount".');
  if (investment === 'percentage_investment') {
    return fields.refuse(
      'investmentType',
      'percentage_investment is a share of what a bot at OKX was given, which has no meaning here; use percentage_balance.',
      'UNSUPPORTED_FIELD',
    );
  }
  const unit = (isEntry ? ENTRY_UNITS : EXIT_UNITS)[investment];
  if (unit === undefined) {
    return fields.refuse('investmentType', `"${investment}" cannot size an ${isEntry ? 'entry' : 'exit'}.`);
  }
  return fields.size('amount', unit);
}

/**
 * Alert messages of OKX's Signal Bot, the universal shape (ENTER_LONG, EXIT_LONG, …).
 * They have no id: a repeat is known by its content, of which the timestamp is a part.
 */
export const okxSignalBot = defineFormat({
  key: 'okx-signal-bot',
  sizeField: 'amount',
  matches: (body) => 'signalToken' in body,
  read(fields, { receivedAt }) {
    const action = fields.requiredChoice('action', ACTIONS);
    const isEntry = action.startsWith('ENTER');
    const side: PositionSide = action.endsWith('LONG') ? 'long' : 'short';
    const symbol = fields.requiredText('instrument');
    const secret = fields.text('signalToken');
    const sentAt = fields.time('timestamp', receivedAt) ?? fields.refuse('timestamp', '"timestamp" is missing.');
    const orderType = fields.choice('orderType', ['market', 'limit']) ?? 'market';
    if (orderType === 'limit') {
      fields.refuse(
        'orderType',
        'A limit order of this format has an offset but no price; send market orders, or the native format with a limitPrice.',
        'UNSUPPORTED_FIELD',
      );
    }
    // Senders fill in the offset of market orders as well; there it means nothing, at OKX too.
    fields.ignore('orderPriceOffset');
    fields.ignorePlain(SENDERS_OWN);
    return {
      secret,
      intent: {
        ...EMPTY_INTENT,
        symbol,
        action: isEntry ? 'open' : 'close',
        side,
        size: readSize(fields, isEntry),
        sentAt,
        maxLagMs: fields.lag('maxLag'),
      },
    };
  },
  example: ({ symbol, secret, quantity = '1' }) =>
    JSON.stringify({
      action: 'ENTER_LONG',
      instrument: symbol,
      signalToken: secret ?? '',
      timestamp: '{{timestamp}}',
      maxLag: '60',
      orderType: 'market',
      orderPriceOffset: '',
      investmentType: 'base',
      amount: quantity,
    }),
});
