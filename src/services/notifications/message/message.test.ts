import { describe, expect, it } from 'vitest';
import { dec, ZERO } from '@/domain/decimal';
import type { OutboxPayload } from '../events';
import { notificationsFor, type SignalSummary, type TradeSummary } from '../signal-entries';
import { compose } from './compose';
import { duration, grouped, moment, money, name, percent, plainNumber, signedMoney } from './format';

const AT = Date.UTC(2026, 10, 21, 12, 0, 0);
const LINKS = {
  signal: (id: string) => `http://pages.test/s/${id}`,
  account: (id: string) => `http://pages.test/a/${id}`,
};

const FILLED: TradeSummary = {
  id: 't1',
  subscriptionId: 's1',
  customerId: 'c1',
  strategyName: 'BTC Trend',
  accountLabel: 'Main',
  leg: 'open',
  side: 'buy',
  positionSide: 'long',
  status: 'filled',
  code: null,
  detail: {},
  quantity: dec('12'),
  leverage: dec('10'),
  decisionPrice: dec('63250.1'),
  filledQuantity: dec('12'),
  filledValue: dec('7590.9'),
  fee: dec('-3.795'),
  realizedPnl: ZERO,
};
const UNFILLED = { filledQuantity: ZERO, filledValue: ZERO, fee: ZERO };

function signal(trades: readonly TradeSummary[], overrides: Partial<SignalSummary> = {}): SignalSummary {
  return {
    signalId: 's1',
    sourceName: 'TradingView',
    symbol: 'BTC-USDT-SWAP',
    baseCurrency: 'BTC',
    quoteCurrency: 'USDT',
    contractValue: dec('0.01'),
    action: 'open',
    side: 'long',
    cause: null,
    rejectCode: null,
    counts: { total: 100, filled: 92, partial: 0, open: 0, denied: 6, rejected: 2, unknown: 0 },
    timings: { receivedAt: AT, firstSentAt: AT + 35, lastAckAt: AT + 210, lastFilledAt: AT + 1320 },
    trades,
    ...overrides,
  };
}

function text(items: readonly OutboxPayload[], locale: 'zh' | 'en' = 'en'): string {
  return compose(items, { locale, links: LINKS, fits: () => true }).message.text;
}

describe('notificationsFor', () => {
  it('tells the tenant of the signal, and each customer what became of his own orders', () => {
    const entries = notificationsFor(
      signal([
        FILLED,
        { ...FILLED, id: 't2', customerId: 'c2', ...UNFILLED, status: 'denied', code: 'BELOW_MINIMUM' },
        { ...FILLED, id: 't3', customerId: 'c3', ...UNFILLED, status: 'rejected', code: '51008' },
        { ...FILLED, id: 't4', customerId: 'c4', ...UNFILLED, status: 'live' },
        { ...FILLED, id: 't5', customerId: 'c1', ...UNFILLED, status: 'denied', code: 'ORDER_CAP' },
      ]),
    );
    expect(entries.map((entry) => [entry.event, entry.audience, entry.dedupeKey])).toEqual([
      ['signal_done', { kind: 'tenant' }, 'signal:s1:done'],
      ['trade_filled', { kind: 'customer', customerId: 'c1' }, 'signal:s1:customer:c1'],
      ['trade_denied', { kind: 'customer', customerId: 'c2' }, 'signal:s1:customer:c2'],
      ['trade_rejected', { kind: 'customer', customerId: 'c3' }, 'signal:s1:customer:c3'],
    ]);
    expect(entries[0]?.payload).toMatchObject({
      volume: '7590.9',
      reasons: [
        { code: '51008', count: 1 },
        { code: 'BELOW_MINIMUM', count: 1 },
        { code: 'ORDER_CAP', count: 1 },
      ],
    });
  });

  it('weighs slippage by volume and counts it against the customer on both sides', () => {
    const buy = { ...FILLED, decisionPrice: dec('100'), filledQuantity: dec('100'), filledValue: dec('101') };
    const sell = { ...buy, side: 'sell' as const, filledQuantity: dec('300'), filledValue: dec('303') };
    expect(notificationsFor(signal([buy]))[0]?.payload).toMatchObject({ slippage: '0.01' });
    expect(notificationsFor(signal([sell]))[0]?.payload).toMatchObject({ slippage: '-0.01' });
    expect(notificationsFor(signal([buy, sell]))[0]?.payload).toMatchObject({ slippage: '-0.005' });
    expect(notificationsFor(signal([]))[0]?.payload).toMatchObject({ slippage: null });
  });

  it('fits its longest key into the column', () => {
    const entries = notificationsFor(signal([{ ...FILLED, customerId: 'c'.repeat(32) }], { signalId: 's'.repeat(32) }));
    for (const entry of entries) expect(entry.dedupeKey.length).toBeLessThanOrEqual(120);
  });
});

describe('compose', () => {
  it('says why a signal of our own closed', () => {
    const entries = notificationsFor(signal([{ ...FILLED, leg: 'close' }], { action: 'close', cause: 'crossed-stop' }));
    const [tenant, customer] = entries.map((entry) => text([entry]));
    expect(tenant).toContain('- Reason: the market had passed the stop-loss or take-profit before the venue held it');
    expect(customer).toContain('the market had passed the stop-loss or take-profit before the venue held it');
    expect(text(entries.slice(1), 'zh')).toContain('止损/止盈挂单之前价格已越过触发价');
  });

  it('tells one signal in full', () => {
    const [entry] = notificationsFor(signal([FILLED]));
    expect(text(entry === undefined ? [] : [entry])).toBe(
      [
        '### ⚠️ BTC-USDT-SWAP open long',
        '',
        '- Followers: filled **92/100** · not copied 6 · rejected or expired 2',
        '- Volume: 7,590.90 USDT',
        '- Slippage: 0.012% worse',
        '- Timing: first order 35 ms · last acknowledged 210 ms · last filled 1.32 s',
        '- Source: TradingView',
        '- Received: 2026-11-21 12:00:00 (UTC)',
        '',
        '[Details](http://pages.test/s/s1)',
      ].join('\n'),
    );
  });

  it.each([
    ['✅', { filled: 3 }],
    ['⏳', { filled: 2, open: 1 }],
    ['⚠️', { filled: 2, denied: 1 }],
    ['⚠️', { filled: 2, rejected: 1 }],
    ['⚠️', { partial: 3 }],
    ['⚠️', { unknown: 3 }],
    ['❌', { rejected: 3 }],
    ['❌', { denied: 2, rejected: 1 }],
  ])('marks a signal with %s where its receipts are %j', (mark, some) => {
    const counts = { total: 3, filled: 0, partial: 0, open: 0, denied: 0, rejected: 0, unknown: 0, ...some };
    const [entry] = notificationsFor(signal([FILLED], { counts }));
    const items = entry === undefined ? [] : [entry];
    expect(text(items)).toContain(`### ${mark} BTC-USDT-SWAP open long`);
    expect(text(items, 'zh')).toContain(`### ${mark} BTC-USDT-SWAP`);
  });

  it('does not tell a customer of success where an order of his was not filled', () => {
    const told = (trades: readonly TradeSummary[], locale: 'en' | 'zh' = 'en') =>
      text(
        notificationsFor(signal(trades)).filter(({ audience }) => audience.kind === 'customer'),
        locale,
      );
    expect(told([FILLED])).toContain('### ✅ BTC-USDT-SWAP');
    const refused = { ...FILLED, id: 't2', ...UNFILLED, status: 'rejected' as const, code: '51008' };
    expect(told([FILLED, refused])).toContain('### ⚠️ BTC-USDT-SWAP filled in part');
    expect(told([FILLED, refused], 'zh')).toContain('### ⚠️ BTC-USDT-SWAP 部分成交');
    expect(told([refused])).toContain('### ❌ BTC-USDT-SWAP');
  });

  it('says why in the language of the channel, with the numbers', () => {
    const denied = {
      ...FILLED,
      ...UNFILLED,
      quantity: dec('0.4'),
      status: 'denied' as const,
      code: 'BELOW_MINIMUM',
      detail: { wanted: '0.004', currency: 'BTC', minimum: '0.01', venue: 'okx', minimumBalance: '1250' },
    };
    const [, entry] = notificationsFor(signal([denied]));
    expect(text(entry === undefined ? [] : [entry], 'zh')).toContain(
      '- **开多** 0.004 BTC · 订单 0.004 BTC 低于 OKX 的最小下单量 0.01；权益达到 1250 USDT',
    );
  });

  it('tells of an account that does not work, and of one that only takes no entries', () => {
    const account = {
      accountId: 'a1',
      customerName: 'One',
      label: 'Main',
      venue: 'okx',
      mode: 'live',
      at: AT,
    } as const;
    const told = (health: 'failing' | 'limited', code: string, locale: 'zh' | 'en') =>
      text([{ event: 'account_failing', payload: { ...account, health, code } }], locale);
    const failing = told('failing', 'CREDENTIALS_REJECTED', 'en');
    expect(failing).toContain('### ❌ Exchange account not working');
    expect(failing).toContain('Check its API key.');
    const limited = told('limited', 'ISOLATED_UNAVAILABLE', 'en');
    expect(limited).toContain('### ⚠️ Exchange account takes no entries');
    expect(limited).toContain("- Reason: the account's mode at the venue knows no isolated margin");
    expect(limited).toContain('Open ones are still closed.');
    expect(told('limited', 'EQUITY_UNKNOWN', 'zh')).toContain('- 原因：权益未知');
  });

  it('names each setting of an account that was changed, before and now', () => {
    const payload = {
      ...({
        accountId: 'account',
        customerName: 'Customer',
        label: 'Main',
        venue: 'okx',
        mode: 'live',
        at: AT,
      } as const),
      changes: [
        { setting: 'position_mode', symbol: null, from: 'net', to: 'long_short' },
        { setting: 'leverage', symbol: 'BTC-USDT-SWAP', from: '10', to: '100' },
      ],
    } as const;
    const told = (locale: 'zh' | 'en') =>
      text([{ event: 'settings_changed', payload: { ...payload, changes: [...payload.changes] } }], locale);
    expect(told('en')).toContain('### ⚠️ An exchange account is set differently');
    expect(told('en')).toContain('- Position mode: one-way → hedge (long and short)');
    expect(told('en')).toContain('- BTC-USDT-SWAP Leverage: 10× → 100×');
    expect(told('zh')).toContain('- 持仓模式：单向持仓 → 双向持仓');
  });

  it('tells of an outage with its reason, and of its end with its length', () => {
    const told = { venue: 'okx', mode: 'live', since: AT, failure: 'timeout', at: AT + 95_000 } as const;
    expect(text([{ event: 'venue_outage', payload: { ...told, state: 'gone' } }])).toBe(
      [
        '### 🛑 OKX (live) does not answer',
        '',
        '- Since: 2026-11-21 12:00:00 (UTC)',
        '- Reason: no answer in time',
        '',
        'Nothing is sent there. Orders wait while their signal is fresh; what gets too old expires, and its receipt says why.',
      ].join('\n'),
    );
    const back = text([{ event: 'venue_outage', payload: { ...told, state: 'back' } }], 'zh');
    expect(back).toContain('### ✅ OKX (实盘) 已恢复响应');
    expect(back).toContain('- 持续时间：95.00 s');
  });

  it('says of an order that an outage made expire that it was the outage', () => {
    const late = {
      ...FILLED,
      ...UNFILLED,
      status: 'expired' as const,
      code: 'VENUE_UNREACHABLE',
      detail: { venue: 'okx', ageSeconds: '61.2', maxSeconds: '60.0' },
    };
    const [tenants, customers] = notificationsFor(signal([late]));
    const told = text(customers === undefined ? [] : [customers]);
    expect(told).toContain('### ❌ BTC-USDT-SWAP expired before it reached the venue');
    expect(told).toContain(
      'OKX could not be reached within the 60.0 s for which the signal was valid; nothing was ordered.',
    );
    expect(text(tenants === undefined ? [] : [tenants], 'zh')).toContain('无法连接交易所 ×1');
  });

  it('says of an order that the venue has against our books what it had been taken for, and what it filled', () => {
    const found: OutboxPayload = {
      event: 'order_found',
      payload: {
        ...{ tradeId: 't1', signalId: 's1', customerName: 'Ann', label: 'Main', venue: 'okx', mode: 'live' },
        ...{ symbol: 'BTC-USDT-SWAP', baseCurrency: 'BTC', leg: 'open', positionSide: 'long', status: 'filled' },
        ...{ endedAs: 'expired', endedCode: 'STALE_SIGNAL', quantityBase: '0.12', filledBase: '0.05', at: AT },
      },
    };
    const told = text([found]);
    expect(told).toContain('### ⚠️ BTC-USDT-SWAP an order stands at the venue that our books had ended');
    expect(told).toContain('- Before: expired before it reached the venue, signal too old');
    expect(told).toContain('- Now: open long · filled 0.05/0.12 BTC');
    expect(text([found, found, found, found], 'zh')).toContain('开多 · 成交 0.05/0.12 BTC');
  });

  it('signs profit and names the fee a cost or a rebate', () => {
    const close = {
      ...FILLED,
      leg: 'close' as const,
      side: 'sell' as const,
      realizedPnl: dec('12.345'),
      fee: dec('0.2'),
    };
    const [, entry] = notificationsFor(signal([close]));
    expect(text(entry === undefined ? [] : [entry])).toContain(
      '- **close long** 0.12 BTC @ 63,257.5 · Realised PnL **+12.35 USDT** · rebate 0.20 USDT',
    );
  });

  it('says what a partly filled order reached', () => {
    const part = { ...FILLED, status: 'canceled' as const, quantity: dec('24') };
    const [, entry] = notificationsFor(signal([part]));
    expect(text(entry === undefined ? [] : [entry])).toContain('**open long** 0.12/0.24 BTC @');
  });

  it('takes as many as fit and leaves the rest for the next message', () => {
    const items = Array.from({ length: 50 }, (_, index): OutboxPayload => {
      const [entry] = notificationsFor(signal([], { signalId: `s${index}` }));
      if (entry === undefined) throw new Error('no entry');
      return entry;
    });
    const fits = ({ text: body }: { text: string }) => Buffer.byteLength(body) <= 2000;
    const first = compose(items, { locale: 'en', links: LINKS, fits });
    expect(first.taken).toBeGreaterThan(5);
    expect(first.taken).toBeLessThan(50);
    expect(fits(first.message)).toBe(true);
    expect(first.message.text).toContain(`s/s${first.taken - 1})`);
    expect(first.message.text).not.toContain(`s/s${first.taken})`);
    const second = compose(items.slice(first.taken), { locale: 'en', links: LINKS, fits });
    expect(second.message.text).toContain(`s/s${first.taken})`);
  });

  it('takes at least one, even where nothing fits', () => {
    const [entry] = notificationsFor(signal([FILLED]));
    expect(compose(entry === undefined ? [] : [entry], { locale: 'en', links: LINKS, fits: () => false }).taken).toBe(
      1,
    );
  });

  it('lets nobody put a link, a mention or a heading into a message by his name', () => {
    const [entry] = notificationsFor(signal([], { sourceName: '[free](https://evil.test) @all\n# Alert **now**' }));
    const body = text(entry === undefined ? [] : [entry]);
    expect(body).toContain('- Source: free https evil.test all Alert now');
    expect(body).not.toContain('@');
  });
});

describe('format', () => {
  it.each([
    ['1234567.5', '1,234,567.5'],
    ['-1234', '-1,234'],
    ['999', '999'],
    ['0.00001234', '0.00001234'],
  ])('groups %s', (input, expected) => {
    expect(grouped(input)).toBe(expected);
  });

  it.each([
    ['0', '0.00 USDT', '0.00 USDT'],
    ['1234.565', '1,234.57 USDT', '+1,234.57 USDT'],
    ['-12.3', '-12.30 USDT', '-12.30 USDT'],
    ['0.001234', '0.0012 USDT', '+0.0012 USDT'],
    ['-0.0000009', '-0.0000009 USDT', '-0.0000009 USDT'],
  ])('writes %s as money', (input, plain, signed) => {
    expect(money(input, 'USDT')).toBe(plain);
    expect(signedMoney(input, 'USDT')).toBe(signed);
  });

  it('writes quantities, percents, durations and times', () => {
    expect(plainNumber('63257.500000000000000000')).toBe('63,257.5');
    expect(percent('-0.00012')).toBe('0.012%');
    expect([duration(0), duration(999), duration(1000), duration(61_234)]).toEqual([
      '0 ms',
      '999 ms',
      '1.00 s',
      '61.23 s',
    ]);
    expect(moment(AT, 'zh')).toBe('2026-11-21 20:00:00 (UTC+8)');
    expect(name('  a   b\tc ')).toBe('a b c');
  });
});
