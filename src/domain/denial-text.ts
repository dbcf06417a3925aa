import { howToReachChinese, howToReachEnglish } from './below-minimum-text';
import type { DenialCode, DenialContext } from './risk/codes';

export const DENIAL_LOCALES = ['en', 'zh'] as const;
export type DenialLocale = (typeof DENIAL_LOCALES)[number];

type Sentence = (context: DenialContext) => string;

/** A context may lack a number (an older row, another author): the sentence then says "?" instead of breaking. */
function read(context: DenialContext, key: string): string {
  return context[key] ?? '?';
}

/** Customers read these as well: who is behind a switch is told in their words. */
const STOPPED_EN: Readonly<Record<string, string>> = {
  platform: 'Trading is stopped on the whole platform',
  tenant: 'The provider has stopped trading',
  strategy: 'Trading of this strategy is stopped',
  customer: 'Trading for this customer is stopped',
};
const STOPPED_ZH: Readonly<Record<string, string>> = {
  platform: '整个平台已停止交易',
  tenant: '服务方已停止交易',
  strategy: '该策略已停止交易',
  customer: '该客户已停止交易',
};
const LEVELS_EN: Readonly<Record<string, string>> = {
  halt: 'nothing is sent',
  reduce_only: 'only closes are sent',
  flatten: 'positions are being closed',
};
const LEVELS_ZH: Readonly<Record<string, string>> = {
  halt: '停止一切下单',
  reduce_only: '只允许平仓',
  flatten: '正在清仓',
};
const STATES_EN: Readonly<Record<string, string>> = {
  suspended: 'suspended',
  preopen: 'not open yet',
  post_only: 'resting orders only',
  rebase: 'its contract is being changed',
  settling: 'being settled',
  test: 'for tests only',
  unreadable: 'its numbers make no sense',
};
const STATES_ZH: Readonly<Record<string, string>> = {
  suspended: '已暂停交易',
  preopen: '尚未开盘',
  post_only: '仅允许挂单',
  rebase: '合约正在调整',
  settling: '正在结算',
  test: '仅供测试',
  unreadable: '合约参数异常',
};
const SIDES_ZH: Readonly<Record<string, string>> = { long: '多仓', short: '空仓', flat: '无持仓' };
const SIDES_EN: Readonly<Record<string, string>> = { long: 'long', short: 'short', flat: 'nothing' };

function translate(words: Readonly<Record<string, string>>, word: string): string {
  return words[word] ?? word;
}

/** "2026-05-08T06:20:00.000Z" → "06:20:00.000 UTC": what it is compared with is of the same minutes. */
function timeOf(context: DenialContext, key: string): string {
  const time = /T([\d:.]+)Z$/.exec(context[key] ?? '')?.[1];
  return time === undefined ? '?' : `${time} UTC`;
}

/** "long 2 BTC", or "nothing". */
function positionText(
  side: string | undefined,
  amount: string | undefined,
  currency: string,
  sides: SideWords,
): string {
  if (side === 'flat' && (amount === undefined || amount === '0')) return sides.flat ?? '?';
  const size = amount === undefined ? null : `${amount} ${currency}`;
  return [side === undefined ? null : (sides[side] ?? side), size].filter((part) => part !== null).join(' ');
}

type SideWords = Readonly<Record<string, string>>;

function statedText(c: DenialContext, sides: SideWords, unknown: string): string {
  const text = positionText(c.statedSide, c.stated, read(c, 'currency'), sides);
  return text === '' ? unknown : text;
}

function heldText(c: DenialContext, sides: SideWords): string {
  return positionText(read(c, 'heldSide'), c.held, read(c, 'currency'), sides);
}

/** "okx" → "OKX"; venues keep their short names in upper case. */
function venueName(context: DenialContext): string {
  const venue = context.venue ?? '?';
  return venue.length <= 3 ? venue.toUpperCase() : `${venue.charAt(0).toUpperCase()}${venue.slice(1)}`;
}

const ENGLISH: Readonly<Record<DenialCode, Sentence>> = {
  KILL_SWITCH: (c) =>
    `${STOPPED_EN[read(c, 'scope')] ?? 'Trading is stopped'}: ${translate(LEVELS_EN, read(c, 'level'))}.`,
  STRATEGY_PAUSED: () => 'The strategy is paused, so nothing new is opened; closes are still copied.',
  SUBSCRIPTION_PAUSED: () => 'Copying this strategy is paused, so nothing new is opened; closes are still copied.',
  CUSTOMER_SUSPENDED: () => 'The customer is suspended, so nothing is copied to his account.',
  ACCOUNT_UNAVAILABLE: (c) => `The exchange account cannot trade: ${read(c, 'problem')}.`,
  STALE_SIGNAL: (c) =>
    c.ageSeconds === undefined
      ? 'The signal had become too old before its order could be sent.'
      : `The signal was ${read(c, 'ageSeconds')} s old when its turn came; at most ${read(c, 'maxSeconds')} s are allowed.`,
  OUT_OF_ORDER: (c) =>
    c.sentAt === c.last
      ? `Another signal sent at the same time (${timeOf(c, 'sentAt')}) has left or reduced the position in ${read(c, 'symbol')}, so this one opens nothing.`
      : `The signal was sent at ${timeOf(c, 'sentAt')}, before the one of ${timeOf(c, 'last')} that has been copied already, so it opens nothing in ${read(c, 'symbol')}.`,
  POSITION_MISMATCH: (c) =>
    `The sender says that he held ${statedText(c, SIDES_EN, 'an unknown position')} before, but by his signals he held ${heldText(c, SIDES_EN)}; so nothing is opened in ${read(c, 'symbol')}.`,
  EXIT_ONLY: (c) =>
    `The signal is an exit by the sender's own words, and there is less to leave in ${read(c, 'symbol')} than he says; an exit opens nothing.`,
  SYMBOL_NOT_ALLOWED: (c) => `${read(c, 'symbol')} is not among the allowed instruments (${read(c, 'allowed')}).`,
  INSTRUMENT_SUSPENDED: (c) =>
    `${venueName(c)} takes no new orders in ${read(c, 'symbol')} now (${translate(STATES_EN, read(c, 'state'))}), so nothing new is opened.`,
  INSTRUMENT_DELISTED: (c) => `${venueName(c)} has ended trading in ${read(c, 'symbol')}, so nothing new is opened.`,
  LEVERAGE_EXCEEDED: (c) => `Leverage ${read(c, 'leverage')}× is above the limit of ${read(c, 'maximum')}×.`,
  LEVERAGE_FIXED: (c) => {
    const head = `The account uses leverage ${read(c, 'leverage')}×, which ${venueName(c)} does not change while orders rest there`;
    return c.maximum === undefined
      ? `${head}; the order was sized for ${read(c, 'wanted')}×.`
      : `${head}; at most ${c.maximum}× is allowed.`;
  },
  ORDER_CAP: (c) =>
    `The order needs ${read(c, 'orderMargin')} ${read(c, 'currency')} of margin, ${read(c, 'share')} of the equity of ${read(c, 'equity')}; one order may use ${read(c, 'maximum')}.`,
  SYMBOL_EXPOSURE: (c) =>
    `With this order ${read(c, 'symbol')} would bind ${read(c, 'margin')} ${read(c, 'currency')} of margin, ${read(c, 'share')} of the equity of ${read(c, 'equity')}; one instrument may use ${read(c, 'maximum')}.`,
  TOTAL_EXPOSURE: (c) =>
    `With this order all positions would bind ${read(c, 'margin')} ${read(c, 'currency')} of margin, ${read(c, 'share')} of the equity of ${read(c, 'equity')}; the limit is ${read(c, 'maximum')}.`,
  SLIPPAGE: (c) =>
    `The price moved ${read(c, 'slippage')} against the order, from ${read(c, 'reference')} to ${read(c, 'price')}; at most ${read(c, 'maximum')} is allowed.`,
  INSUFFICIENT_BALANCE: (c) =>
    `The order needs ${read(c, 'orderMargin')} ${read(c, 'currency')} of margin, and ${read(c, 'available')} is free.`,
  ABOVE_MAXIMUM: (c) =>
    `Order ${read(c, 'wanted')} ${read(c, 'currency')} is above ${venueName(c)}'s maximum ${read(c, 'maximum')} for one market order.`,
  BELOW_MINIMUM: (c) => {
    const head = `Order ${read(c, 'wanted')} ${read(c, 'currency')} is under ${venueName(c)}'s minimum ${read(c, 'minimum')}`;
    return `${head}; ${howToReachEnglish(c)}`;
  },
  NO_POSITION: (c) => `There is no ${read(c, 'side')} position in ${read(c, 'symbol')} to close.`,
  ENTRY_ON_ITS_WAY: (c) =>
    `What the ${read(c, 'side')} entry in ${read(c, 'symbol')} has filled is not known yet; its share is closed as soon as it is.`,
  NO_STOP: (c) =>
    c.reverse === undefined
      ? 'Sizing by risk needs the price of a stop, and the signal has none.'
      : "Sizing by risk needs the price of a stop; copied in reverse that is the leader's take-profit, and the signal has none.",
  STOP_CROSSED: (c) =>
    `The stop-loss at ${read(c, 'level')} lies on the wrong side of the price of ${read(c, 'price')}: it would close the ${read(c, 'side')} position at once.`,
  TAKE_PROFIT_CROSSED: (c) =>
    `The take-profit at ${read(c, 'level')} lies on the wrong side of the price of ${read(c, 'price')}: it would close the ${read(c, 'side')} position at once.`,
  NO_SIZE_SET: () => 'No size is set for the chosen way of sizing.',
  EQUITY_UNKNOWN: () => "The account's equity is not known, so the order cannot be sized and checked.",
  NO_EQUITY: (c) =>
    `The account has no equity (${read(c, 'equity')} ${read(c, 'currency')}), so nothing new is opened.`,
  LEADER_EQUITY_UNKNOWN: () => "The leader's equity is not known, so his share of it cannot be copied.",
  PRICE_UNKNOWN: (c) => `No current price of ${read(c, 'symbol')} is known.`,
  OPPOSITE_POSITION: (c) =>
    c.holder === 'own'
      ? `The account still holds the ${read(c, 'heldSide')} position in ${read(c, 'symbol')} that should have been closed before.`
      : `Another strategy holds ${read(c, 'heldSide')} ${read(c, 'quantity')} contracts of ${read(c, 'symbol')} on the same account, which has one position per instrument; this order would close a part of it.`,
  VENUE_UNREACHABLE: (c) =>
    c.maxSeconds === undefined
      ? `${venueName(c)} could not be reached while the signal was fresh; nothing was ordered.`
      : `${venueName(c)} could not be reached within the ${c.maxSeconds} s for which the signal was valid; nothing was ordered.`,
  SIZE_OUT_OF_RANGE: (c) =>
    `The size comes out at ${read(c, 'wanted')} contracts of ${read(c, 'symbol')}, more than any order can have (${read(c, 'maximum')}); nothing was ordered.`,
  PRICE_OUT_OF_RANGE: (c) =>
    `The limit price ${read(c, 'price')} is no price that ${read(c, 'symbol')} can have; nothing was ordered.`,
  LIMIT_CANNOT_REST: (c) =>
    `Copied in reverse, the limit ${read(c, 'price')} would have to rest as far on the other side of the price of ${read(c, 'market')}, where ${read(c, 'symbol')} has no price; nothing was ordered.`,
  DECISION_FAILED: () =>
    'The order could not be worked out or written down, so nothing was ordered; the operators can see why.',
};

const CHINESE: Readonly<Record<DenialCode, Sentence>> = {
  KILL_SWITCH: (c) => `${STOPPED_ZH[read(c, 'scope')] ?? '已停止交易'}：${translate(LEVELS_ZH, read(c, 'level'))}。`,
  STRATEGY_PAUSED: () => '策略已暂停，不再开新仓；平仓仍会跟随。',
  SUBSCRIPTION_PAUSED: () => '跟单已暂停，不再开新仓；平仓仍会跟随。',
  CUSTOMER_SUSPENDED: () => '客户已停用，其账户不跟随任何信号。',
  ACCOUNT_UNAVAILABLE: (c) => `交易所账户无法交易：${read(c, 'problem')}。`,
  STALE_SIGNAL: (c) =>
    c.ageSeconds === undefined
      ? '订单发出之前信号已过期。'
      : `执行时信号已过去 ${read(c, 'ageSeconds')} 秒，最多允许 ${read(c, 'maxSeconds')} 秒。`,
  OUT_OF_ORDER: (c) =>
    c.sentAt === c.last
      ? `同一时间（${timeOf(c, 'sentAt')}）发出的另一信号已平掉或减少 ${read(c, 'symbol')} 的仓位，因此不再开仓。`
      : `该信号发出于 ${timeOf(c, 'sentAt')}，早于已跟随的 ${timeOf(c, 'last')} 的信号，因此不在 ${read(c, 'symbol')} 开仓。`,
  POSITION_MISMATCH: (c) =>
    `信号称此前持有${statedText(c, SIDES_ZH, '未知仓位')}，而按其历史信号为${heldText(c, SIDES_ZH)}，因此不在 ${read(c, 'symbol')} 开仓。`,
  EXIT_ONLY: (c) => `按发送方所述该信号为平仓，而 ${read(c, 'symbol')} 可平的仓位少于其所述；平仓信号不会开仓。`,
  SYMBOL_NOT_ALLOWED: (c) => `${read(c, 'symbol')} 不在允许的品种之内（${read(c, 'allowed')}）。`,
  INSTRUMENT_SUSPENDED: (c) =>
    `${venueName(c)} 目前不接受 ${read(c, 'symbol')} 的新订单（${translate(STATES_ZH, read(c, 'state'))}），暂不开新仓。`,
  INSTRUMENT_DELISTED: (c) => `${venueName(c)} 已终止 ${read(c, 'symbol')} 的交易，不再开新仓。`,
  LEVERAGE_EXCEEDED: (c) => `杠杆 ${read(c, 'leverage')} 倍超过上限 ${read(c, 'maximum')} 倍。`,
  LEVERAGE_FIXED: (c) => {
    const head = `账户当前杠杆为 ${read(c, 'leverage')} 倍，有挂单时 ${venueName(c)} 不允许修改`;
    return c.maximum === undefined
      ? `${head}；该订单按 ${read(c, 'wanted')} 倍计算。`
      : `${head}；最多允许 ${c.maximum} 倍。`;
  },
  ORDER_CAP: (c) =>
    `该订单需要保证金 ${read(c, 'orderMargin')} ${read(c, 'currency')}，占权益 ${read(c, 'equity')} 的 ${read(c, 'share')}；单笔上限为 ${read(c, 'maximum')}。`,
  SYMBOL_EXPOSURE: (c) =>
    `加上该订单，${read(c, 'symbol')} 将占用保证金 ${read(c, 'margin')} ${read(c, 'currency')}，占权益 ${read(c, 'equity')} 的 ${read(c, 'share')}；单品种上限为 ${read(c, 'maximum')}。`,
  TOTAL_EXPOSURE: (c) =>
    `加上该订单，全部持仓将占用保证金 ${read(c, 'margin')} ${read(c, 'currency')}，占权益 ${read(c, 'equity')} 的 ${read(c, 'share')}；上限为 ${read(c, 'maximum')}。`,
  SLIPPAGE: (c) =>
    `价格从 ${read(c, 'reference')} 到 ${read(c, 'price')}，不利变动 ${read(c, 'slippage')}，最多允许 ${read(c, 'maximum')}。`,
  INSUFFICIENT_BALANCE: (c) =>
    `该订单需要保证金 ${read(c, 'orderMargin')} ${read(c, 'currency')}，可用仅 ${read(c, 'available')}。`,
  ABOVE_MAXIMUM: (c) =>
    `订单 ${read(c, 'wanted')} ${read(c, 'currency')} 超过 ${venueName(c)} 单笔市价单上限 ${read(c, 'maximum')}。`,
  BELOW_MINIMUM: (c) => {
    const head = `订单 ${read(c, 'wanted')} ${read(c, 'currency')} 低于 ${venueName(c)} 的最小下单量 ${read(c, 'minimum')}`;
    return `${head}；${howToReachChinese(c)}`;
  },
  NO_POSITION: (c) => `${read(c, 'symbol')} 没有可平的${translate(SIDES_ZH, read(c, 'side'))}。`,
  ENTRY_ON_ITS_WAY: (c) =>
    `${read(c, 'symbol')} 的${translate(SIDES_ZH, read(c, 'side'))}开仓成交情况尚未确认；确认后立即平掉应平的份额。`,
  NO_STOP: (c) =>
    c.reverse === undefined
      ? '按风险计算仓位需要止损价，而信号没有给出。'
      : '按风险计算仓位需要止损价；反向跟单以带单方的止盈价为止损价，而信号没有给出。',
  STOP_CROSSED: (c) =>
    `止损价 ${read(c, 'level')} 相对价格 ${read(c, 'price')} 方向错误，${translate(SIDES_ZH, read(c, 'side'))}会立即被平仓。`,
  TAKE_PROFIT_CROSSED: (c) =>
    `止盈价 ${read(c, 'level')} 相对价格 ${read(c, 'price')} 方向错误，${translate(SIDES_ZH, read(c, 'side'))}会立即被平仓。`,
  NO_SIZE_SET: () => '尚未设置所选下单方式需要的数值。',
  EQUITY_UNKNOWN: () => '账户权益未知，无法计算和检查订单。',
  NO_EQUITY: (c) => `账户没有权益（${read(c, 'equity')} ${read(c, 'currency')}），不开新仓。`,
  LEADER_EQUITY_UNKNOWN: () => '带单方权益未知，无法按其占比跟随。',
  PRICE_UNKNOWN: (c) => `${read(c, 'symbol')} 的当前价格未知。`,
  OPPOSITE_POSITION: (c) =>
    c.holder === 'own'
      ? `账户仍持有 ${read(c, 'symbol')} 的${translate(SIDES_ZH, read(c, 'heldSide'))}，本应先平仓。`
      : `同一账户（单向持仓）上另一策略持有 ${read(c, 'symbol')} ${translate(SIDES_ZH, read(c, 'heldSide'))} ${read(c, 'quantity')} 张，该订单会平掉其中一部分。`,
  VENUE_UNREACHABLE: (c) =>
    c.maxSeconds === undefined
      ? `信号有效期内无法连接 ${venueName(c)}，未下单。`
      : `信号有效的 ${c.maxSeconds} 秒内无法连接 ${venueName(c)}，未下单。`,
  SIZE_OUT_OF_RANGE: (c) =>
    `算出的数量为 ${read(c, 'symbol')} ${read(c, 'wanted')} 张，超过任何订单的上限（${read(c, 'maximum')}），未下单。`,
  PRICE_OUT_OF_RANGE: (c) => `限价 ${read(c, 'price')} 不是 ${read(c, 'symbol')} 可能的价格，未下单。`,
  LIMIT_CANNOT_REST: (c) =>
    `反向跟单时，限价 ${read(c, 'price')} 应挂在现价 ${read(c, 'market')} 另一侧的同等距离，而 ${read(c, 'symbol')} 没有这样的价格，未下单。`,
  DECISION_FAILED: () => '订单无法计算或记录，未下单；管理员可查看原因。',
};

/** A denial as one sentence with its numbers, for people. */
export function denialSentence(code: DenialCode, context: DenialContext, locale: DenialLocale): string {
  return (locale === 'zh' ? CHINESE : ENGLISH)[code](context);
}
