import fc from 'fast-check';
import { FORMATS } from '@/services/signals/formats/parse-signal';
import type { SignalFormatKey } from '@/services/signals/formats/types';
import { asText, hostileText, hostileValue, wounded } from './hostile';

type Body = Record<string, unknown>;

/** Fields that a format takes beyond those of its example, with a good value each. */
const MORE: Readonly<Record<SignalFormatKey, Body>> = {
  native: { price: '50000', leverage: '5', stopPrice: '48000', maxLag: '30' },
  'okx-signal-bot': {},
  '3commas-custom': { trigger_price: '50000' },
  '3commas-strategy': { trigger_price: '50000' },
  tradingview: { price: '50000', leverage: '5', stop_price: '48000', max_lag: '30', limit_price: '49000' },
};

/** Where each format takes money, and a body in which that place counts. */
export const MONEY_FIELDS: readonly (readonly [SignalFormatKey, string, Body])[] = [
  ['native', 'quantity.value', {}],
  ['native', 'limitPrice', { orderType: 'limit' }],
  ['native', 'price', {}],
  ['native', 'leverage', {}],
  ['native', 'stopPrice', {}],
  ['native', 'maxLag', {}],
  ['okx-signal-bot', 'amount', {}],
  ['okx-signal-bot', 'maxLag', {}],
  ['3commas-custom', 'order.amount', {}],
  ['3commas-custom', 'trigger_price', {}],
  ['3commas-custom', 'max_lag', {}],
  ['3commas-custom', 'order.price', {}],
  ['3commas-custom', 'order.limit_price', {}],
  ['3commas-strategy', 'order.amount', {}],
  ['3commas-strategy', 'strategy_info.market_position_size', {}],
  ['3commas-strategy', 'strategy_info.prev_market_position_size', {}],
  ['3commas-strategy', 'trigger_price', {}],
  ['3commas-strategy', 'max_lag', {}],
  ['tradingview', 'contracts', {}],
  ['tradingview', 'position_size', {}],
  ['tradingview', 'market_position_size', { market_position: 'long' }],
  ['tradingview', 'price', {}],
  ['tradingview', 'limit_price', {}],
  ['tradingview', 'leverage', {}],
  ['tradingview', 'stop_price', {}],
  ['tradingview', 'max_lag', {}],
];

let made = 0;

/** A body that a format takes, sent at `sentAt` (epoch ms), with an id of its own. */
export function exampleOf(key: SignalFormatKey, sentAt: number): Body {
  const format = FORMATS.find((candidate) => candidate.key === key);
  if (format === undefined) throw new Error(`There is no format ${key}`);
  made += 1;
  const text = format
    .example({ symbol: 'BTC-USDT-SWAP', quantity: '0.5' })
    .replaceAll('{{id}}', `fuzz-${made}`)
    .replaceAll('{{timestamp}}', new Date(sentAt).toISOString());
  return JSON.parse(text);
}

/** Bodies near those that are accepted, and some from nowhere. `now`: epoch ms. */
export function signalBodies(now: () => number): fc.Arbitrary<string> {
  const examples = fc
    .tuple(
      fc.constantFrom(...FORMATS.map((format) => format.key)),
      fc.nat(1_000_000),
      fc.subarray([
        'price',
        'trigger_price',
        'leverage',
        'stopPrice',
        'stop_price',
        'maxLag',
        'max_lag',
        'limit_price',
      ]),
    )
    .map(([key, age, more]) => {
      const extra = Object.entries(MORE[key]).filter(([name]) => more.includes(name));
      return { ...exampleOf(key, now() - (age % 2_000)), ...Object.fromEntries(extra) };
    });
  return fc.oneof(
    { weight: 14, arbitrary: asText(wounded(examples)) },
    { weight: 2, arbitrary: asText(hostileValue) },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.json({ maxDepth: 7 }) },
  );
}

export const contentTypes: fc.Arbitrary<string | null> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('application/json', 'text/plain', 'text/plain; charset=utf-8', null) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/html',
      'application/octet-stream',
      'application/json; charset=utf-16',
      'x'.repeat(5_000),
      ';;;',
      '*/*',
    ),
  },
);
