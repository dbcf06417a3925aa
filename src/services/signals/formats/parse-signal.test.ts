import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS, parseSignal } from './parse-signal';
import { SIGNAL_FORMATS, type SignalFormatKey } from './types';

fc.configureGlobal({ seed: 20_260_501 });

const NOW = Date.parse('2026-05-08T06:20:05Z');
const AT = '2026-05-08T06:20:00Z';

type Body = Record<string, unknown>;

function parse(
  body: Body | string,
  format: SignalFormatKey | 'auto' = 'auto',
  contentType: string | null = 'text/plain',
) {
  const rawBody = typeof body === 'string' ? body : JSON.stringify(body);
  return parseSignal({ rawBody, contentType, format, receivedAt: NOW });
}

/** The parts of an intent that a test names, or `code field`. */
function read(body: Body | string, format: SignalFormatKey | 'auto' = 'auto'): unknown {
  const parsed = parse(body, format);
  if (!parsed.ok) return `${parsed.code} ${parsed.field}`;
  const { action, side, size } = parsed.intent;
  return [action, side, size === null ? 'all' : `${size.value} ${size.unit}`].join(' ');
}

function key(body: Body | string): string {
  const parsed = parse(body);
  return parsed.ok ? parsed.idempotencyKey : parsed.message;
}

const native: Body = {
  version: 1,
  id: 'a-1',
  timestamp: AT,
  instrument: 'BTC-USDT-SWAP',
  action: 'open',
  side: 'long',
  quantity: { unit: 'base', value: '1' },
};
const okx: Body = {
  action: 'ENTER_LONG',
  instrument: 'BTC-USDT-SWAP',
  signalToken: 'token',
  timestamp: AT,
  maxLag: '30',
  orderType: 'market',
  orderPriceOffset: '',
  investmentType: 'percentage_balance',
  amount: '100',
};
const custom: Body = {
  secret: 'token',
  bot_uuid: 'u',
  action: 'enter_long',
  tv_exchange: 'BYBIT',
  tv_instrument: 'ETHUSDT.P',
  order: { amount: 150, currency_type: 'quote', order_type: 'market' },
  stop_loss: { enabled: false, order_type: 'market', trigger_price_percent: 1 },
  max_lag: 300,
  timestamp: AT,
};
const strategy: Body = {
  secret: 'token',
  max_lag: '300',
  timestamp: AT,
  trigger_price: '2500.5',
  tv_exchange: 'BYBIT',
  tv_instrument: 'ETHUSDT.P',
  action: 'buy',
  bot_uuid: 'u',
  strategy_info: {
    market_position: 'long',
    market_position_size: '2',
    prev_market_position: 'flat',
    prev_market_position_size: '0',
  },
  order: { amount: '2', currency_type: 'base' },
};
const plain: Body = { action: 'buy', symbol: 'BTCUSDT.P', contracts: '0.5', price: '50000', timestamp: AT };

function info(over: Body): Body {
  return { ...strategy, strategy_info: { ...(strategy.strategy_info as Body), ...over } };
}

describe('native format', () => {
  it('reads every field', () => {
    const parsed = parse({
      ...native,
      orderType: 'limit',
      limitPrice: 49999.5,
      price: '50000',
      leverage: 10,
      stopPrice: '48000.0',
      maxLag: 30,
    });
    expect(parsed).toEqual({
      ok: true,
      format: 'native',
      secret: null,
      idempotencyKey: 'id:a-1',
      intent: {
        symbol: 'BTC-USDT-SWAP',
        action: 'open',
        side: 'long',
        size: { unit: 'base', value: '1' },
        orderType: 'limit',
        limitPrice: '49999.5',
        referencePrice: '50000',
        leverage: '10',
        stopPrice: '48000',
        stopLoss: null,
        takeProfit: null,
        sentAt: Date.parse(AT),
        maxLagMs: 30_000,
        idempotencyKey: 'a-1',
      },
    });
  });

  it.each<[Body, string]>([
    [{ action: 'close', side: undefined, quantity: undefined }, 'close  all'],
    [{ action: 'close', quantity: { unit: 'percent_position', value: 50 } }, 'close long 50 percent_position'],
    [{ action: 'reverse', side: 'short' }, 'target short 1 base'],
    [{ action: 'target', side: undefined, quantity: { unit: 'contracts', value: '-3' } }, 'target  -3 contracts'],
    [{ quantity: undefined }, 'open long all'],
    [{ side: undefined }, 'VALIDATION_ERROR side'],
    [{ side: 'up' }, 'VALIDATION_ERROR side'],
    [{ action: 'reverse', quantity: undefined }, 'VALIDATION_ERROR quantity'],
    [{ action: 'target', quantity: { unit: 'base', value: '-1' } }, 'VALIDATION_ERROR quantity.value'],
    [{ quantity: { unit: 'percent_position', value: '5' } }, 'VALIDATION_ERROR quantity.unit'],
    [{ quantity: { unit: 'percent_balance', value: '100.01' } }, 'VALIDATION_ERROR quantity.value'],
    [{ quantity: { unit: 'base', value: '0' } }, 'VALIDATION_ERROR quantity.value'],
    [{ quantity: { unit: 'base', value: '1', note: 'x' } }, 'VALIDATION_ERROR quantity.note'],
    [{ quantity: '1' }, 'VALIDATION_ERROR quantity'],
    [{ version: 2 }, 'VALIDATION_ERROR version'],
    [{ id: 'a b' }, 'VALIDATION_ERROR id'],
    [{ id: null }, 'VALIDATION_ERROR id'],
    [{ orderType: 'limit' }, 'VALIDATION_ERROR limitPrice'],
    [{ limitPrice: '5' }, 'VALIDATION_ERROR limitPrice'],
    [{ amount: '5' }, 'VALIDATION_ERROR amount'],
    [{ stopLoss: { percent: 5 } }, 'open long 1 base'],
    [{ stopLoss: { percent: 5, price: '1' } }, 'VALIDATION_ERROR stopLoss'],
    [{ stopLoss: { percent: 1001 } }, 'VALIDATION_ERROR stopLoss.percent'],
    [{ stopLoss: { percent: 100 } }, 'VALIDATION_ERROR stopLoss'],
    [{ takeProfit: { percent: 150 } }, 'open long 1 base'],
    [{ side: 'short', takeProfit: { percent: 100 } }, 'VALIDATION_ERROR takeProfit'],
    [{ action: 'protect', quantity: undefined, stopLoss: { percent: 150 } }, 'VALIDATION_ERROR stopLoss'],
    [{ stopLoss: { percent: 5, orderType: 'limit' } }, 'UNSUPPORTED_FIELD stopLoss.orderType'],
    [{ stopLoss: { percent: 5, trailing: true } }, 'UNSUPPORTED_FIELD stopLoss.trailing'],
    [{ stopLoss: { price: '50001' }, price: '50000' }, 'VALIDATION_ERROR stopLoss'],
    [{ takeProfit: { price: '49999' }, price: '50000' }, 'VALIDATION_ERROR takeProfit'],
    [{ stopLoss: { price: '60000' }, takeProfit: { price: '50000' } }, 'VALIDATION_ERROR stopLoss'],
    [{ action: 'close', quantity: undefined, stopLoss: { percent: 5 } }, 'close long all'],
    [{ action: 'protect', quantity: undefined, stopLoss: { percent: 5 } }, 'protect long all'],
    [{ action: 'protect', side: undefined, quantity: undefined }, 'protect  all'],
    [{ action: 'protect', stopLoss: { percent: 5 } }, 'VALIDATION_ERROR quantity'],
    [{ tp1: '60000' }, 'UNSUPPORTED_FIELD tp1'],
    [{ takeProfit: false }, 'open long 1 base'],
    [{ maxLag: 86_401 }, 'VALIDATION_ERROR maxLag'],
  ])('answers %j with %s', (over, expected) => expect(read({ ...native, ...over })).toBe(expected));

  it.each([
    '2026-05-08T06:20:00Z',
    '2026-05-08T14:20:00+08:00',
    '2026-05-08 06:20:00.000Z',
    '1778221200000',
    1778221200000,
  ])('takes the time %j', (timestamp) => {
    const parsed = parse({ ...native, timestamp });
    expect(parsed.ok && parsed.intent.sentAt).toBe(Date.parse(AT));
  });

  it('takes a time that lies a minute ahead, as clocks are apart', () => {
    const parsed = parse({ ...native, timestamp: '2026-05-08T06:21:05Z' });
    expect(parsed.ok && parsed.intent.sentAt - NOW).toBe(60_000);
  });

  it.each([
    '2026-05-08T06:20:00',
    '2026-02-30T06:20:00Z',
    '2026-13-01T00:00:00Z',
    '1778221200',
    'now',
    '2026-05-08T06:21:05.001Z',
    true,
  ])('refuses the time %j', (timestamp) => expect(read({ ...native, timestamp })).toBe('VALIDATION_ERROR timestamp'));
});

describe('numbers', () => {
  const withValue = (literal: string) => JSON.stringify(native).replace('"value":"1"', `"value":${literal}`);

  it.each([
    ['0.1', '0.1'],
    ['1.50', '1.5'],
    ['0.100000000000000001', '0.100000000000000001'],
    ['1234567890123456', '1234567890123456'],
    ['" 2 "', '2'],
  ])('keeps %s exactly', (literal, value) => expect(read(withValue(literal))).toBe(`open long ${value} base`));

  it.each([
    '1e21',
    '1E-7',
    '-1',
    '0',
    '1234567890123456789',
    '999999999999999999',
    '1e400',
    '0.1234567890123456789',
    '0.000000000000000001',
    `0.${'0'.repeat(10_000)}1`,
    '-0',
    '"Infinity"',
    '"+1"',
    '"1,000"',
    '"NaN"',
    '"0x1"',
    '"５"',
    'true',
    '[1]',
    '{}',
  ])('refuses %s', (literal) => expect(read(withValue(literal))).toBe('VALIDATION_ERROR quantity.value'));
});

describe('a number beyond what its field may be', () => {
  const HUGE = '999999999999999999';
  const at = (unit: string, value: string) => ({ quantity: { unit, value } });
  const failed = (body: Body) => {
    const parsed = parse(body);
    return parsed.ok ? 'ok' : `${parsed.field}: ${parsed.message}`;
  };

  it('is refused with what it must be', () => {
    expect(failed({ ...native, ...at('contracts', HUGE) })).toBe(
      `quantity.value: "quantity.value" must be between 0.000000001 and 1000000000; it is ${HUGE}.`,
    );
    expect(failed({ ...native, action: 'target', side: undefined, ...at('base', `-${HUGE}`) })).toBe(
      `quantity.value: "quantity.value" must be between 0.000000000001 and 10000000000000000; it is -${HUGE}.`,
    );
  });

  it.each<[Body, string]>([
    [{ ...native, ...at('contracts', '1000000001') }, 'quantity.value'],
    [{ ...native, ...at('quote', '10000000001') }, 'quantity.value'],
    [{ ...native, ...at('margin', '10000000001') }, 'quantity.value'],
    [{ ...native, ...at('percent_balance', '100.1') }, 'quantity.value'],
    [{ ...native, price: '1000000001' }, 'price'],
    [{ ...native, leverage: '201' }, 'leverage'],
    [{ ...native, leverage: '0.5' }, 'leverage'],
    [{ ...native, stopPrice: HUGE }, 'stopPrice'],
    [{ ...native, orderType: 'limit', limitPrice: HUGE }, 'limitPrice'],
    [{ ...native, stopLoss: { price: HUGE } }, 'stopLoss.price'],
    [{ ...native, takeProfit: { percent: '1000.1' } }, 'takeProfit.percent'],
    [{ ...native, takeProfit: { percent: '0.000000000000000001' } }, 'takeProfit.percent'],
    [{ ...okx, investmentType: 'contract', amount: HUGE }, 'amount'],
    [{ ...custom, order: { amount: HUGE, currency_type: 'base' } }, 'order.amount'],
    [{ ...custom, trigger_price: HUGE }, 'trigger_price'],
    [info({ market_position_size: HUGE }), 'strategy_info.market_position_size'],
    [{ ...plain, contracts: HUGE }, 'contracts'],
    [{ ...plain, position_size: HUGE }, 'position_size'],
    [{ ...plain, stop_loss: HUGE }, 'stop_loss'],
  ])('is refused in %j', (body, field) => expect(read(body)).toBe(`VALIDATION_ERROR ${field}`));
});

describe('OKX Signal Bot format', () => {
  it('reads an entry with its token, lag and no id', () => {
    expect(parse(okx)).toMatchObject({
      ok: true,
      format: 'okx-signal-bot',
      secret: 'token',
      intent: { symbol: 'BTC-USDT-SWAP', maxLagMs: 30_000, sentAt: Date.parse(AT), idempotencyKey: null },
    });
  });

  it.each<[Body, string]>([
    [{}, 'open long 100 percent_balance'],
    [{ action: 'ENTER_SHORT', investmentType: 'contract', amount: 3 }, 'open short 3 contracts'],
    [{ investmentType: 'margin', amount: '50.5' }, 'open long 50.5 margin'],
    [{ investmentType: 'base', amount: '1' }, 'open long 1 base'],
    [{ investmentType: '', amount: '' }, 'open long all'],
    [{ action: 'EXIT_LONG', investmentType: 'percentage_position', amount: '50' }, 'close long 50 percent_position'],
    [{ action: 'EXIT_SHORT', investmentType: undefined, amount: undefined }, 'close short all'],
    [{ action: 'EXIT_LONG' }, 'VALIDATION_ERROR investmentType'],
    [{ investmentType: 'percentage_position' }, 'VALIDATION_ERROR investmentType'],
    [{ investmentType: 'percentage_investment' }, 'UNSUPPORTED_FIELD investmentType'],
    [{ amount: '' }, 'VALIDATION_ERROR amount'],
    [{ amount: '101' }, 'VALIDATION_ERROR amount'],
    [{ orderType: 'limit', orderPriceOffset: '0.5' }, 'UNSUPPORTED_FIELD orderType'],
    [{ action: 'buy', marketPosition: 'long' }, 'VALIDATION_ERROR action'],
    [{ marketPosition: 'long' }, 'VALIDATION_ERROR marketPosition'],
    [{ timestamp: undefined }, 'VALIDATION_ERROR timestamp'],
    [{ timestamp: '{{timenow}}' }, 'VALIDATION_ERROR timestamp'],
    [{ tpPct: '5' }, 'UNSUPPORTED_FIELD tpPct'],
  ])('answers %j with %s', (over, expected) => expect(read({ ...okx, ...over })).toBe(expected));
});

describe('3Commas custom format', () => {
  it('reads an entry with venue, secret and lag', () => {
    expect(parse(custom)).toMatchObject({
      ok: true,
      format: '3commas-custom',
      secret: 'token',
      intent: { symbol: 'BYBIT:ETHUSDT.P', maxLagMs: 300_000, size: { unit: 'quote', value: '150' } },
    });
  });

  it.each<[Body, string]>([
    [
      { action: 'exit_short', order: { amount: 100, currency_type: 'position_percent' } },
      'close short 100 percent_position',
    ],
    [{ action: 'exit_long', order: undefined }, 'close long all'],
    [{ order: { amount: '5', currency_type: 'margin_percent' } }, 'open long 5 percent_balance'],
    [{ order: { amount: '5', currency_type: 'base', order_type: 'limit', price: '2500' } }, 'open long 5 base'],
    [{ order: { amount: '5', currency_type: 'base', order_type: 'limit' } }, 'VALIDATION_ERROR order.price'],
    [{ order: { amount: '5' } }, 'VALIDATION_ERROR order.currency_type'],
    [{ order: { currency_type: 'base' } }, 'VALIDATION_ERROR order.amount'],
    [{ order: { amount: '5', currency_type: 'position_percent' } }, 'VALIDATION_ERROR order.currency_type'],
    [{ order: [] }, 'VALIDATION_ERROR order'],
    [{ stop_loss: { enabled: true, trigger_price_percent: 1 } }, 'open long 150 quote'],
    [{ take_profit: { steps: [] } }, 'UNSUPPORTED_FIELD take_profit'],
    [{ action: 'disable', positions_sub_action: 'market_close', order: undefined }, 'close  all'],
    [{ action: 'disable', order: undefined }, 'UNSUPPORTED_FIELD positions_sub_action'],
    [{ positions_sub_action: 'market_close' }, 'VALIDATION_ERROR positions_sub_action'],
    [{ tv_instrument: '' }, 'VALIDATION_ERROR tv_instrument'],
    [{ timestamp: null }, 'VALIDATION_ERROR timestamp'],
  ])('answers %j with %s', (over, expected) => expect(read({ ...custom, ...over })).toBe(expected));
});

describe('3Commas strategy format', () => {
  it('reads a target with its price', () => {
    expect(parse(strategy)).toMatchObject({
      ok: true,
      format: '3commas-strategy',
      secret: 'token',
      intent: { symbol: 'BYBIT:ETHUSDT.P', referencePrice: '2500.5', action: 'target' },
    });
  });

  it.each<[Body, string]>([
    [strategy, 'target long 2 base'],
    [info({ market_position: 'short', market_position_size: 1.5 }), 'target short 1.5 base'],
    [info({ market_position: 'flat', market_position_size: '0', prev_market_position: 'long' }), 'close  all'],
    [info({ market_position: 'flat', market_position_size: undefined }), 'close  all'],
    [info({ market_position_size: undefined }), 'open long 2 base'],
    [
      info({ market_position_size: undefined, prev_market_position: 'short' }),
      'VALIDATION_ERROR strategy_info.market_position_size',
    ],
    [info({ market_position_size: '-2' }), 'VALIDATION_ERROR strategy_info.market_position_size'],
    [info({ market_position: 'flat' }), 'VALIDATION_ERROR strategy_info.market_position_size'],
    [info({ market_position: 'up' }), 'VALIDATION_ERROR strategy_info.market_position'],
    [{ ...strategy, order: { amount: '5', currency_type: 'quote' } }, 'UNSUPPORTED_FIELD order.currency_type'],
    [{ ...strategy, order: { amount: '5', order_type: 'limit' } }, 'UNSUPPORTED_FIELD order.order_type'],
    [{ ...strategy, strategy_info: null }, 'VALIDATION_ERROR strategy_info'],
  ])('answers %j with %s', (body, expected) => expect(read(body)).toBe(expected));
});

describe('fields of the sender’s own', () => {
  const own = { timenow: AT, stub: 'dev', timeframe: '15', bar_time: AT, alert_name: 'x', passphrase: 'p' };

  it.each<[string, Body]>([
    ['TradingView', plain],
    ['OKX Signal Bot', okx],
    ['3Commas custom', custom],
    ['3Commas strategy', strategy],
  ])('are nothing to refuse in %s', (_format, body) => {
    expect(read({ ...body, ...own })).toBe(read(body));
    expect(read({ ...body, stub: { position_size: '1' } })).toBe('VALIDATION_ERROR stub');
  });

  it('are unknown in the native format', () => expect(read({ ...native, stub: 'dev' })).toBe('VALIDATION_ERROR stub'));

  it('keep a signal the same where they are keys of other services', () => {
    const untitled = { ...plain, passphrase: 'one', token: 'one' };
    expect(key({ ...untitled, passphrase: 'two', token: 'two' })).toBe(key(untitled));
  });

  it('tell the time where no timestamp does', () => {
    const untimed = { ...plain, timestamp: undefined, timenow: AT };
    const parsed = parse(untimed);
    expect(parsed.ok && parsed.intent.sentAt).toBe(Date.parse(AT));
    expect(read({ ...untimed, timenow: 'noon' })).toBe('VALIDATION_ERROR timenow');
    expect(read({ ...plain, timenow: 'noon' })).toBe('open long 0.5 base');
  });
});

describe('unknown fields', () => {
  const told = (body: Body) => {
    const parsed = parse(body);
    return parsed.ok ? 'ok' : parsed.message;
  };

  it('are named all at once, in sections too', () => {
    const quantity = { unit: 'base', value: '1', note: 'x' };
    expect(told({ ...native, qty: '1', amount: '2', quantity })).toBe(
      '"qty", "amount" and "quantity.note" are not fields of this format.',
    );
    expect(told({ ...native, qty: '1', trailing: '5', tp1: '1', stopLoss: { percent: '5', delay: '1' } })).toBe(
      '"trailing" and "tp1" ask for orders that are not placed here yet; remove or disable them, so that nobody relies on them. ' +
        '"qty" and "stopLoss.delay" are not fields of this format.',
    );
    expect(read({ ...native, qty: '1', trailing: '5' })).toBe('VALIDATION_ERROR qty');
    expect(read({ ...native, trailing: '5', qty: '1' })).toBe('UNSUPPORTED_FIELD trailing');
  });

  it('are as many as fit into an answer', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, '1']));
    expect(told({ ...native, ...many })).toMatch(/^"x0", .*"x19" and 480 more are not fields of this format\.$/);
  });

  it('of an order do not matter where the position is closed', () => {
    const panic = { action: 'disable', positions_sub_action: 'market_close', stop_loss: undefined };
    expect(read({ ...custom, ...panic, order: { whatever: 'x' } })).toBe('close  all');
  });
});

describe('what a sender says of his position before', () => {
  const said = (body: Body) => {
    const parsed = parse(body);
    return parsed.ok ? [parsed.intent.previous, parsed.intent.exits ?? false] : parsed.message;
  };
  const was = (prev_market_position?: string, prev_market_position_size?: string) => ({
    position_size: '1',
    prev_market_position,
    prev_market_position_size,
  });

  it.each<[Body, unknown]>([
    [plain, [undefined, false]],
    [{ ...plain, ...was() }, [undefined, false]],
    [{ ...plain, ...was('long', '0.50') }, [{ side: 'long', coins: '0.5' }, false]],
    [{ ...plain, ...was('flat') }, [{ side: 'flat', coins: null }, false]],
    [{ ...plain, ...was(undefined, '2') }, [{ side: null, coins: '2' }, false]],
    [{ ...plain, ...was(undefined, '-2') }, [{ side: 'short', coins: '2' }, false]],
    [{ ...plain, ...was('short', '-2') }, [{ side: 'short', coins: '2' }, false]],
    [strategy, [{ side: 'flat', coins: '0' }, false]],
    [info({ prev_market_position: undefined, prev_market_position_size: undefined }), [undefined, false]],
    [info({ market_position: 'flat', market_position_size: '0' }), [{ side: 'flat', coins: '0' }, false]],
  ])('is read from %j', (body, expected) => expect(said(body)).toEqual(expected));

  it.each<[Body, boolean]>([
    [{ ...plain, action: 'sell', position_size: '1' }, true],
    [{ ...plain, action: 'buy', position_size: '-1' }, true],
    [{ ...plain, action: 'close', position_size: '1' }, true],
    [{ ...plain, action: 'buy', position_size: '1' }, false],
    [{ ...plain, action: 'sell', position_size: '-1' }, false],
    [{ ...plain, action: 'sell' }, false],
    [{ ...strategy, action: 'sell' }, true],
    [{ ...info({ market_position: 'short' }), action: 'buy' }, true],
    [{ ...strategy, action: undefined }, false],
    [{ ...info({ market_position: 'short' }), action: 'sell' }, false],
  ])('makes an exit of %j: %s', (body, expected) => expect(said(body)[1]).toBe(expected));

  it('may contradict itself where the signal leaves', () => {
    expect(read({ ...plain, ...was('flat', '2'), position_size: '0' })).toBe('close  all');
  });

  it('makes no entry of a sale that ends long', () => {
    const sale = { ...info({ market_position_size: undefined }), action: 'sell' };
    expect(read(sale)).toBe('close long 2 base');
    expect(read({ ...sale, order: undefined })).toBe('VALIDATION_ERROR strategy_info.market_position_size');
  });
});

describe('TradingView format', () => {
  it.each<[Body, string]>([
    [{}, 'open long 0.5 base'],
    [{ action: 'sell', contracts: undefined }, 'open short all'],
    [{ position_size: '-0.5' }, 'target  -0.5 base'],
    [{ action: 'sell', position_size: '0' }, 'close  all'],
    [{ action: 'sell', position_size: '0', market_position: 'flat' }, 'close  all'],
    [{ market_position: 'short', market_position_size: '2' }, 'target  -2 base'],
    [{ market_position: 'flat' }, 'close  all'],
    [{ action: 'close_short', contracts: undefined }, 'close short all'],
    [{ action: 'close', contracts: '0.2' }, 'close  0.2 base'],
    [{ market_position: 'long' }, 'VALIDATION_ERROR position_size'],
    [{ action: 'sell', market_position: 'long' }, 'close long 0.5 base'],
    [{ action: 'buy', market_position: 'short' }, 'close short 0.5 base'],
    [{ action: 'sell', market_position: 'long', contracts: undefined }, 'VALIDATION_ERROR position_size'],
    [{ market_position: 'long', position_size: '-1' }, 'VALIDATION_ERROR position_size'],
    [{ market_position: 'flat', market_position_size: '1' }, 'VALIDATION_ERROR market_position_size'],
    [{ contracts: '{{strategy.order.contracts}}' }, 'VALIDATION_ERROR contracts'],
    [{ symbol: '{{ticker}}' }, 'VALIDATION_ERROR symbol'],
    [{ symbol: undefined, ticker: 'BTCUSDT' }, 'open long 0.5 base'],
    [{ timestamp: undefined }, 'VALIDATION_ERROR timestamp'],
    [{ timestamp: undefined, id: 'x1' }, 'open long 0.5 base'],
    [{ order_type: 'limit' }, 'open long 0.5 base'],
    [{ order_type: 'limit', price: undefined }, 'VALIDATION_ERROR limit_price'],
    [{ stop_loss: '49000', take_profit: '52000' }, 'open long 0.5 base'],
    [{ trailing_stop: '49000' }, 'UNSUPPORTED_FIELD trailing_stop'],
    [{ strategy: { position_size: '1' } }, 'VALIDATION_ERROR strategy'],
    [{ qty: '1' }, 'VALIDATION_ERROR qty'],
    [{ comment: 'a breakout', exchange: 'BINANCE', interval: '15' }, 'open long 0.5 base'],
  ])('answers %j with %s', (over, expected) => expect(read({ ...plain, ...over })).toBe(expected));

  it('names the placeholder that was not filled in', () => {
    const parsed = parse({ ...plain, price: '{{ close }}' });
    expect(parsed).toMatchObject({ field: 'price', message: expect.stringContaining('{{close}}') });
  });
});

describe('idempotency', () => {
  it('is the sender’s id in the native format, whatever else changes', () => {
    expect(key({ ...native, timestamp: '2026-05-08T06:20:01Z' })).toBe(key(native));
    expect(key({ ...native, id: 'a-2' })).not.toBe(key(native));
  });

  it('keeps ids apart that differ in case alone', () => {
    expect(key({ ...native, id: 'A-1' }).toLowerCase()).not.toBe(key(native).toLowerCase());
    expect(key({ ...native, id: 'A-1' })).toMatch(/^id-hash:[0-9a-f]{64}$/);
  });

  it('is the content elsewhere, whatever its spelling and secret', () => {
    const shuffled = JSON.stringify(Object.fromEntries(Object.entries(okx).reverse()), null, 2);
    expect(key(shuffled)).toBe(key(okx));
    expect(key({ ...okx, signalToken: 'other' })).toBe(key(okx));
    expect(key({ ...okx, timestamp: '2026-05-08T06:20:01Z' })).not.toBe(key(okx));
    expect(key({ ...okx, amount: '99' })).not.toBe(key(okx));
  });

  it('counts a TradingView order name together with its time', () => {
    const entry = { ...plain, id: 'Long' };
    expect(key(entry)).toBe(key({ ...entry, comment: 'retry' }));
    expect(key({ ...entry, timestamp: '2026-05-08T06:20:01Z' })).not.toBe(key(entry));
  });

  it('tells exits apart that have one name and come in one second', () => {
    const exits = ['1', '0.5', '0'].map((target) => ({ ...plain, id: 'TP', action: 'sell', position_size: target }));
    expect(new Set(exits.map(key)).size).toBe(3);
    expect(key({ ...exits[0], position_size: '1.00', comment: 'retry' })).toBe(key(exits[0] as Body));
    const parts = ['0.5', '0.2'].map((contracts) => ({ ...plain, id: 'TP', action: 'close', contracts }));
    expect(new Set(parts.map(key)).size).toBe(2);
  });

  it.each<[string, Body]>([
    ['action', { action: 'sell' }],
    ['contracts', { contracts: '0.6' }],
    ['missing contracts', { contracts: undefined }],
    ['target', { position_size: '0.5' }],
    ['instrument', { symbol: 'ETHUSDT.P' }],
    ['missing time', { timestamp: undefined }],
  ])('tells TradingView orders of one name apart by their %s', (_what, over) => {
    const entry = { ...plain, id: 'Long' };
    expect(key({ ...entry, ...over })).not.toBe(key(entry));
  });

  it('needs no time where the sender has ids of his own', () => {
    const untimed = { ...plain, id: 'a-1', timestamp: undefined };
    expect(key({ ...untimed, symbol: 'btcusdt.p' })).toBe(key(untimed));
    expect(key({ ...untimed, id: 'a-2' })).not.toBe(key(untimed));
  });
});

describe('recognition', () => {
  it.each<[Body, SignalFormatKey]>([
    [native, 'native'],
    [okx, 'okx-signal-bot'],
    [custom, '3commas-custom'],
    [strategy, '3commas-strategy'],
    [plain, 'tradingview'],
  ])('knows %j by its shape', (body, format) => {
    const parsed = parse(body);
    expect(parsed.ok && parsed.format).toBe(format);
    expect(parse(body, format)).toEqual(parsed);
  });

  it.each([
    '',
    '  ',
    'LONG BTC @ 28000',
    '{',
    '{"a":1',
    '[1]',
    '[]',
    '1',
    'null',
    '"x"',
    '{}',
    '{"hello":"world"}',
    '{{strategy}}',
  ])('refuses %j as a whole', (rawBody) => expect(read(rawBody)).toMatch(/^(UNKNOWN_FORMAT|VALIDATION_ERROR) body$/));

  it('refuses what could be two formats', () => {
    expect(read({ ...okx, ...native })).toBe('UNKNOWN_FORMAT body');
  });

  it('refuses a body in which a field stands twice, and names it', () => {
    const twice = (extra: string) => `${JSON.stringify(native).slice(0, -1)},${extra}}`;
    expect(read(twice('"action":"close"'))).toBe('DUPLICATE_FIELD action');
    expect(read(twice('"\\u0061ction":"open"'))).toBe('DUPLICATE_FIELD action');
    expect(read(twice('"takeProfit":{"price":"1","price":"90000"}'))).toBe('DUPLICATE_FIELD takeProfit.price');
  });

  it('takes JSON under any usual content type, with a byte order mark too', () => {
    expect(parse(native, 'auto', 'application/json; charset=utf-8').ok).toBe(true);
    expect(parse(native, 'auto', null).ok).toBe(true);
    expect(parse(`\uFEFF${JSON.stringify(native)}\n`).ok).toBe(true);
    expect(parse(native, 'auto', 'application/x-www-form-urlencoded')).toMatchObject({ field: 'content-type' });
  });

  it('names a missing field when the source’s format is fixed', () => {
    expect(read({ hello: 'world' }, 'native')).toBe('VALIDATION_ERROR version');
  });
});

describe('examples', () => {
  it('exist for every format, and open one coin once filled in', () => {
    expect(FORMATS.map((format) => format.key)).toEqual([...SIGNAL_FORMATS]);
    for (const format of FORMATS) {
      const text = format.example({ symbol: 'BTC-USDT-SWAP', secret: 's3cret' });
      expect(text).toContain('{{timestamp}}');
      const body = text.replace('{{id}}', 'demo-1').replace('{{timestamp}}', '2026-05-08T06:20:00.123Z');
      const parsed = parse(body);
      expect(parsed).toMatchObject({
        ok: true,
        format: format.key,
        intent: { symbol: 'BTC-USDT-SWAP', size: { unit: 'base', value: '1' } },
      });
    }
  });
});

describe('any input', () => {
  it('never throws on text', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('auto' as const, ...SIGNAL_FORMATS), (rawBody, format) => {
        expect(typeof parse(rawBody, format).ok).toBe('boolean');
      }),
    );
  });

  it('never throws on JSON, nested or mutated', () => {
    const bodies = fc.oneof(
      fc.json(),
      fc
        .tuple(fc.constantFrom(native, okx, custom, strategy, plain), fc.string(), fc.jsonValue())
        .map(([body, name, value]) => JSON.stringify({ ...body, [name]: value })),
      fc
        .tuple(fc.constantFrom(native, okx, custom, strategy, plain), fc.nat(), fc.jsonValue())
        .map(([body, at, value]) => {
          const name = Object.keys(body)[at % Object.keys(body).length] ?? 'x';
          return JSON.stringify({ ...body, [name]: value });
        }),
    );
    fc.assert(
      fc.property(bodies, fc.constantFrom('auto' as const, ...SIGNAL_FORMATS), (rawBody, format) => {
        const parsed = parse(rawBody, format);
        if (!parsed.ok) {
          expect(parsed.message.length).toBeGreaterThan(10);
          expect(parsed.field.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('survives very deep and very long bodies quickly', () => {
    expect(read('['.repeat(50_000))).toContain('body');
    expect(read(`{"version":${'['.repeat(5000)}${']'.repeat(5000)}}`)).toContain('VALIDATION_ERROR');
    expect(read({ ...native, id: `{{${' '.repeat(60_000)}x` })).toBe('VALIDATION_ERROR id');
  });
});

describe('a field whose name is empty', () => {
  it('is still pointed at', () => {
    expect(read({ ...native, '': 0 })).toBe('VALIDATION_ERROR ""');
    expect(read({ ...native, '': '{{close}}' })).toBe('VALIDATION_ERROR ""');
  });
});
