import type { ChannelLocale } from '@/contracts/api/notifications';
import type { PreflightCode } from '@/contracts/api/people';
import type { AccountMode } from '@/domain/account-mode';
import type { ContactFailure } from '@/domain/circuit-breaker';
import type { OutsideCode } from '@/domain/closed-outside';
import type { ExitCause, ExitCode } from '@/domain/exit';
import type { TradeLeg } from '@/domain/order-state';
import type { DenialCode } from '@/domain/risk/codes';
import type { KillSwitchLevel, KillSwitchScope } from '@/domain/risk/types';
import type { ClosingFormat, SignalAction } from '@/domain/signal';
import type { SettingChange } from '../events';

/** Why an account can fail. */
type AccountCode = Extract<
  PreflightCode,
  | 'VENUE_UNREACHABLE'
  | 'CLOCK_SKEW'
  | 'CREDENTIALS_UNREADABLE'
  | 'CREDENTIALS_REJECTED'
  | 'ACCOUNT_IN_USE'
  | 'OTHER_ACCOUNT'
  | 'NO_READ_PERMISSION'
  | 'NO_TRADE_PERMISSION'
  | 'WITHDRAW_PERMISSION'
  | 'DERIVATIVES_DISABLED'
  | 'ACCOUNT_MODE_UNSUPPORTED'
  | 'ISOLATED_UNAVAILABLE'
>;

/** The few words that messages are made of. */
type Words = {
  readonly actions: Readonly<Record<SignalAction | TradeLeg, Readonly<Record<'long' | 'short' | 'none', string>>>>;
  readonly source: string;
  readonly followers: string;
  readonly filled: string;
  readonly partial: string;
  /** Of several orders, some, or of one a part. */
  readonly partly: string;
  readonly open: string;
  readonly denied: string;
  readonly rejected: string;
  readonly unknown: string;
  readonly expired: string;
  readonly failed: string;
  readonly volume: string;
  readonly pnl: string;
  readonly fee: string;
  readonly rebate: string;
  readonly slippage: string;
  readonly worse: string;
  readonly better: string;
  readonly even: string;
  readonly timings: string;
  readonly firstOrder: string;
  readonly lastAck: string;
  readonly lastFill: string;
  readonly reasons: string;
  readonly notCopied: string;
  readonly received: string;
  readonly details: string;
  readonly accountFailing: string;
  readonly accountAdvice: string;
  readonly accountLimited: string;
  readonly accountLimitedAdvice: string;
  readonly settingsChanged: string;
  readonly settings: Readonly<Record<SettingChange['setting'], string>>;
  readonly settingValues: Readonly<Record<string, string>>;
  readonly settingsEffect: string;
  readonly customer: string;
  readonly account: string;
  readonly reason: string;
  readonly causes: Readonly<Record<ClosingFormat, string>>;
  readonly since: string;
  readonly leverage: (factor: string) => string;
  readonly modes: Readonly<Record<AccountMode, string>>;
  readonly killSwitch: string;
  readonly levels: Readonly<Record<KillSwitchLevel, string>>;
  readonly scopes: Readonly<Record<KillSwitchScope, string>>;
  readonly concerns: string;
  readonly before: string;
  readonly drift: string;
  readonly driftKinds: Readonly<Record<'missing' | 'extra' | 'ghost' | 'size', string>>;
  readonly driftRepaired: string;
  readonly closedOutside: string;
  readonly closedOutsideEffect: string;
  readonly left: string;
  readonly orderFound: string;
  readonly orderFoundEffect: string;
  readonly now: string;
  readonly exitDue: string;
  readonly exitCauses: Readonly<Record<ExitCause, string>>;
  readonly exitDueEffect: string;
  readonly stopMissing: string;
  readonly stopMissingEffect: string;
  readonly cause: string;
  readonly booked: string;
  readonly held: string;
  readonly sides: Readonly<Record<'long' | 'short', string>>;
  readonly venueGone: string;
  readonly venueBack: string;
  readonly venueGoneEffect: string;
  readonly venueBackEffect: string;
  readonly contactFailures: Readonly<Record<ContactFailure, string>>;
  readonly lasted: string;
  readonly testTitle: string;
  readonly testText: (channel: string) => string;
  readonly manyTitle: (count: number) => string;
  readonly more: (count: number) => string;
  readonly colon: string;
  readonly comma: string;
  readonly codes: Readonly<
    Record<DenialCode | OutsideCode | ExitCode | AccountCode | 'VALIDATION_ERROR' | 'EXPIRED', string>
  >;
};

const ENGLISH: Words = {
  actions: {
    open: { long: 'open long', short: 'open short', none: 'open' },
    close: { long: 'close long', short: 'close short', none: 'close' },
    target: { long: 'go to target (long)', short: 'go to target (short)', none: 'go to target' },
    protect: { long: 'set TP/SL (long)', short: 'set TP/SL (short)', none: 'set TP/SL' },
    stop: { long: 'TP/SL of long', short: 'TP/SL of short', none: 'TP/SL' },
    outside: { long: 'long closed at the venue', short: 'short closed at the venue', none: 'closed at the venue' },
  },
  source: 'Source',
  followers: 'Followers',
  filled: 'filled',
  partial: 'filled in part, rest cancelled',
  partly: 'filled in part',
  open: 'open',
  denied: 'not copied',
  rejected: 'rejected by the venue',
  unknown: 'being verified',
  expired: 'expired before it reached the venue',
  failed: 'rejected or expired',
  volume: 'Volume',
  pnl: 'Realised PnL',
  fee: 'fee',
  rebate: 'rebate',
  slippage: 'Slippage',
  worse: 'worse',
  better: 'better',
  even: 'none',
  timings: 'Timing',
  firstOrder: 'first order',
  lastAck: 'last acknowledged',
  lastFill: 'last filled',
  reasons: 'Reasons',
  notCopied: 'Not copied',
  received: 'Received',
  details: 'Details',
  accountFailing: 'Exchange account not working',
  accountAdvice: 'Signals are not copied to it until it works again. Check its API key.',
  accountLimited: 'Exchange account takes no entries',
  accountLimitedAdvice: 'No positions are opened on it until this is mended. Open ones are still closed.',
  settingsChanged: 'An exchange account is set differently',
  settings: { position_mode: 'Position mode', account_mode: 'Account mode', leverage: 'Leverage' },
  settingValues: {
    net: 'one-way',
    long_short: 'hedge (long and short)',
    spot: 'spot',
    futures: 'futures',
    multi_currency: 'multi-currency margin',
    portfolio: 'portfolio margin',
    unknown: 'unknown',
  },
  settingsEffect:
    'It was changed at the venue. Orders are sent for the settings as they are now; leverage is set again before the next entry.',
  customer: 'Customer',
  account: 'Account',
  reason: 'Reason',
  causes: {
    flatten: 'closed by the kill switch',
    exit: 'the source had left before',
    'late-fill': 'the source had left before',
    'crossed-stop': 'the market had passed the stop-loss or take-profit before the venue held it',
  },
  since: 'Since',
  leverage: (factor) => `${factor}×`,
  modes: { simulated: 'simulated', demo: 'demo trading', live: 'live' },
  killSwitch: 'Kill switch',
  levels: {
    none: 'released',
    reduce_only: 'only closes are sent',
    flatten: 'positions are being closed',
    halt: 'nothing is sent',
  },
  scopes: { platform: 'the whole platform', tenant: 'all of', strategy: 'strategy', customer: 'customer' },
  concerns: 'Concerns',
  before: 'Before',
  drift: 'position differs',
  driftKinds: {
    missing: 'the venue holds less than our books',
    extra: 'the venue holds more than our books',
    ghost: 'the venue holds nothing of it',
    size: 'the venue holds the other side',
  },
  driftRepaired: 'Our books were brought to what the venue holds. No order was sent.',
  closedOutside: 'closed at the venue',
  closedOutsideEffect: 'Our books follow the venue. No order was sent.',
  left: 'left',
  orderFound: 'an order stands at the venue that our books had ended',
  orderFoundEffect: 'What it filled is booked. An entry whose leader has left is taken back or closed.',
  now: 'Now',
  exitDue: 'is still to be closed',
  exitCauses: {
    flatten: 'a kill switch closes positions',
    crossed: 'its stop-loss or take-profit was passed',
    leader_left: 'its source has left the position',
    share: 'its source has closed a part',
  },
  exitDueEffect: 'It is tried again and again until it is closed.',
  stopMissing: 'lacks its stop order',
  stopMissingEffect: 'No stop-loss or take-profit of its size stands at the venue. It is asked for again and again.',
  cause: 'To be closed because',
  booked: 'our books',
  held: 'at the venue',
  sides: { long: 'Long', short: 'Short' },
  venueGone: 'does not answer',
  venueBack: 'answers again',
  venueGoneEffect:
    'Nothing is sent there. Orders wait while their signal is fresh; what gets too old expires, and its receipt says why.',
  venueBackEffect: 'Orders whose signals are still fresh are being sent.',
  contactFailures: {
    connect: 'no connection',
    timeout: 'no answer in time',
    connection_lost: 'the connection was cut',
    server_error: 'an error page of its servers',
    foreign_answer: 'an answer that is not its own',
  },
  lasted: 'Lasted',
  testTitle: 'Test message',
  testText: (channel) => `The channel “${channel}” is set up correctly.`,
  manyTitle: (count) => `${count} copy-trading notifications`,
  more: (count) => `… and ${count} more`,
  colon: ': ',
  comma: ', ',
  codes: {
    KILL_SWITCH: 'kill switch on',
    STRATEGY_PAUSED: 'strategy paused',
    SUBSCRIPTION_PAUSED: 'subscription paused',
    CUSTOMER_SUSPENDED: 'customer suspended',
    ACCOUNT_UNAVAILABLE: 'account cannot trade',
    STALE_SIGNAL: 'signal too old',
    OUT_OF_ORDER: 'a newer signal came before it',
    POSITION_MISMATCH: 'the sender held something else by his signals',
    EXIT_ONLY: 'an exit opens nothing',
    SYMBOL_NOT_ALLOWED: 'instrument not allowed',
    INSTRUMENT_SUSPENDED: 'instrument suspended',
    INSTRUMENT_DELISTED: 'instrument delisted',
    LEVERAGE_EXCEEDED: 'leverage above limit',
    LEVERAGE_FIXED: 'leverage cannot be changed while orders rest',
    ORDER_CAP: 'order above its share of equity',
    SYMBOL_EXPOSURE: 'instrument exposure above limit',
    TOTAL_EXPOSURE: 'total exposure above limit',
    SLIPPAGE: 'price moved too far',
    INSUFFICIENT_BALANCE: 'not enough free balance',
    ABOVE_MAXIMUM: "above the venue's maximum",
    BELOW_MINIMUM: "below the venue's minimum",
    NO_POSITION: 'no position to close',
    ENTRY_ON_ITS_WAY: 'entry not confirmed yet, closed once it is',
    NO_STOP: 'no stop price for sizing',
    STOP_CROSSED: 'the market has passed the stop-loss',
    TAKE_PROFIT_CROSSED: 'the market has passed the take-profit',
    NO_SIZE_SET: 'no size set',
    EQUITY_UNKNOWN: 'equity unknown',
    NO_EQUITY: 'the account has no equity',
    LEADER_EQUITY_UNKNOWN: "leader's equity unknown",
    PRICE_UNKNOWN: 'price unknown',
    OPPOSITE_POSITION: 'opposite position held',
    VENUE_UNREACHABLE: 'the venue cannot be reached',
    CLOSED_BY_HAND: 'closed by hand',
    CUT: 'the venue closed only a part',
    BLOCKED_BY_ORDERS: "orders of the customer's own hold the position",
    PLANNING_FAILED: 'it could not be planned',
    LIQUIDATED: 'liquidated',
    AUTO_DELEVERAGED: 'auto-deleveraged (ADL)',
    DELISTED: 'settled as the instrument was delisted',
    CLOSED_ELSEWHERE: 'the venue does not say how it was closed',
    SIZE_OUT_OF_RANGE: 'size beyond any order',
    PRICE_OUT_OF_RANGE: 'price beyond any market',
    LIMIT_CANNOT_REST: 'a reversed limit has no price there',
    DECISION_FAILED: 'order could not be worked out',
    CLOCK_SKEW: "our clock differs too much from the venue's",
    CREDENTIALS_UNREADABLE: 'the stored API key cannot be opened',
    CREDENTIALS_REJECTED: 'the venue refuses the API key',
    ACCOUNT_IN_USE: 'the account of the venue trades in another row already',
    OTHER_ACCOUNT: 'the API key belongs to another account of the venue',
    NO_READ_PERMISSION: 'the API key may not read',
    NO_TRADE_PERMISSION: 'the API key may not trade',
    WITHDRAW_PERMISSION: 'the API key may withdraw, which is not accepted',
    DERIVATIVES_DISABLED: "the account's level does not allow derivatives",
    ACCOUNT_MODE_UNSUPPORTED: "entries are not possible in the account's mode at the venue",
    ISOLATED_UNAVAILABLE: "the account's mode at the venue knows no isolated margin",
    VALIDATION_ERROR: 'the signal does not fit its instrument',
    EXPIRED: 'expired before it reached the venue',
  },
};

const CHINESE: Words = {
  actions: {
    open: { long: '开多', short: '开空', none: '开仓' },
    close: { long: '平多', short: '平空', none: '平仓' },
    target: { long: '调仓至目标（多）', short: '调仓至目标（空）', none: '调仓至目标' },
    protect: { long: '设置止盈止损（多）', short: '设置止盈止损（空）', none: '设置止盈止损' },
    stop: { long: '多仓止盈止损', short: '空仓止盈止损', none: '止盈止损' },
    outside: { long: '多仓在交易所被平', short: '空仓在交易所被平', none: '在交易所被平' },
  },
  source: '信号源',
  followers: '跟单',
  filled: '成交',
  partial: '部分成交已撤',
  partly: '部分成交',
  open: '挂单',
  denied: '未跟',
  rejected: '交易所拒单',
  unknown: '核实中',
  expired: '未到达交易所，已过期',
  failed: '拒单或过期',
  volume: '成交额',
  pnl: '已实现盈亏',
  fee: '手续费',
  rebate: '返佣',
  slippage: '滑点',
  worse: '不利',
  better: '有利',
  even: '无',
  timings: '耗时',
  firstOrder: '首单发出',
  lastAck: '末单确认',
  lastFill: '末单成交',
  reasons: '原因',
  notCopied: '未跟单',
  received: '收到时间',
  details: '查看详情',
  accountFailing: '交易所账户异常',
  accountAdvice: '恢复之前不会跟随信号，请检查该账户的 API Key。',
  accountLimited: '交易所账户暂停开仓',
  accountLimitedAdvice: '修正之前不会为其开仓，已有持仓仍会平仓。',
  settingsChanged: '交易所账户设置已变更',
  settings: { position_mode: '持仓模式', account_mode: '账户模式', leverage: '杠杆' },
  settingValues: {
    net: '单向持仓',
    long_short: '双向持仓',
    spot: '现货模式',
    futures: '合约模式',
    multi_currency: '跨币种保证金模式',
    portfolio: '组合保证金模式',
    unknown: '未知',
  },
  settingsEffect: '设置在交易所被修改。后续订单按当前设置发送；下次开仓前会重新设置杠杆。',
  customer: '客户',
  account: '账户',
  reason: '原因',
  causes: {
    flatten: '紧急开关清仓',
    exit: '信号源此前已离场',
    'late-fill': '信号源此前已离场',
    'crossed-stop': '止损/止盈挂单之前价格已越过触发价',
  },
  since: '发生时间',
  leverage: (factor) => `${factor} 倍`,
  modes: { simulated: '模拟器', demo: '模拟盘', live: '实盘' },
  killSwitch: '紧急停止',
  levels: { none: '已解除', reduce_only: '只允许平仓', flatten: '正在清仓', halt: '停止一切下单' },
  scopes: { platform: '整个平台', tenant: '全部跟单', strategy: '策略', customer: '客户' },
  concerns: '范围',
  before: '此前',
  drift: '持仓不一致',
  driftKinds: {
    missing: '交易所持仓少于账面',
    extra: '交易所持仓多于账面',
    ghost: '交易所已无该持仓',
    size: '交易所持有反向仓位',
  },
  driftRepaired: '账面已按交易所持仓修正，未发送任何订单。',
  closedOutside: '在交易所被平',
  closedOutsideEffect: '账面已按交易所持仓修正，未发送任何订单。',
  left: '剩余',
  orderFound: '账面已了结的订单仍在交易所',
  orderFoundEffect: '成交部分已入账；若带单方已离场，入场单将被撤销或平掉。',
  now: '目前',
  exitDue: '尚未平仓',
  exitCauses: {
    flatten: '紧急开关正在清仓',
    crossed: '价格已越过止损或止盈',
    leader_left: '信号源已离场',
    share: '信号源已部分平仓',
  },
  exitDueEffect: '系统会持续重试，直至平仓。',
  stopMissing: '缺少止盈止损单',
  stopMissingEffect: '交易所没有与该仓位相符的止盈止损单，系统会持续重试。',
  cause: '平仓原因',
  booked: '账面',
  held: '交易所',
  sides: { long: '多仓', short: '空仓' },
  venueGone: '无响应',
  venueBack: '已恢复响应',
  venueGoneEffect: '已停止向其发送任何请求。信号有效期内的订单会等待；过期未发的订单会在跟单凭证中注明原因。',
  venueBackEffect: '信号仍在有效期内的订单正在发送。',
  contactFailures: {
    connect: '无法建立连接',
    timeout: '响应超时',
    connection_lost: '连接被中断',
    server_error: '服务器错误页',
    foreign_answer: '收到非交易所的响应',
  },
  lasted: '持续时间',
  testTitle: '测试消息',
  testText: (channel) => `通知渠道「${channel}」配置正确。`,
  manyTitle: (count) => `${count} 条跟单通知`,
  more: (count) => `…… 另有 ${count} 条`,
  colon: '：',
  comma: '，',
  codes: {
    KILL_SWITCH: '紧急开关已打开',
    STRATEGY_PAUSED: '策略已暂停',
    SUBSCRIPTION_PAUSED: '跟单已暂停',
    CUSTOMER_SUSPENDED: '客户已停用',
    ACCOUNT_UNAVAILABLE: '账户无法交易',
    STALE_SIGNAL: '信号过期',
    OUT_OF_ORDER: '较新的信号已先到',
    POSITION_MISMATCH: '与发送方历史信号的仓位不符',
    EXIT_ONLY: '平仓信号不开仓',
    SYMBOL_NOT_ALLOWED: '品种不允许',
    INSTRUMENT_SUSPENDED: '合约暂停交易',
    INSTRUMENT_DELISTED: '合约已下架',
    LEVERAGE_EXCEEDED: '杠杆超限',
    LEVERAGE_FIXED: '有挂单，杠杆无法修改',
    ORDER_CAP: '单笔保证金超限',
    SYMBOL_EXPOSURE: '单品种敞口超限',
    TOTAL_EXPOSURE: '总敞口超限',
    SLIPPAGE: '价格偏离过大',
    INSUFFICIENT_BALANCE: '可用余额不足',
    ABOVE_MAXIMUM: '超过交易所上限',
    BELOW_MINIMUM: '低于最小下单量',
    NO_POSITION: '没有可平仓位',
    ENTRY_ON_ITS_WAY: '开仓尚未确认，确认后平仓',
    NO_STOP: '缺少止损价',
    STOP_CROSSED: '价格已越过止损价',
    TAKE_PROFIT_CROSSED: '价格已越过止盈价',
    NO_SIZE_SET: '未设置仓位数值',
    EQUITY_UNKNOWN: '权益未知',
    NO_EQUITY: '账户没有权益',
    LEADER_EQUITY_UNKNOWN: '带单方权益未知',
    PRICE_UNKNOWN: '价格未知',
    OPPOSITE_POSITION: '持有反向仓位',
    VENUE_UNREACHABLE: '无法连接交易所',
    CLOSED_BY_HAND: '手动平仓',
    CUT: '交易所只平了一部分',
    BLOCKED_BY_ORDERS: '被客户自己的挂单占用',
    PLANNING_FAILED: '无法生成平仓计划',
    LIQUIDATED: '强制平仓（爆仓）',
    AUTO_DELEVERAGED: '自动减仓（ADL）',
    DELISTED: '合约下线结算',
    CLOSED_ELSEWHERE: '交易所未说明平仓方式',
    SIZE_OUT_OF_RANGE: '数量超出合理范围',
    PRICE_OUT_OF_RANGE: '价格超出合理范围',
    LIMIT_CANNOT_REST: '反向限价无对应价格',
    DECISION_FAILED: '订单无法计算',
    CLOCK_SKEW: '本机时钟与交易所相差过大',
    CREDENTIALS_UNREADABLE: '保存的 API Key 无法解密',
    CREDENTIALS_REJECTED: '交易所拒绝该 API Key',
    ACCOUNT_IN_USE: '该交易所账户已在另一处交易',
    OTHER_ACCOUNT: 'API Key 属于其他交易所账户',
    NO_READ_PERMISSION: 'API Key 没有读取权限',
    NO_TRADE_PERMISSION: 'API Key 没有交易权限',
    WITHDRAW_PERMISSION: 'API Key 带有提币权限，不予使用',
    DERIVATIVES_DISABLED: '账户模式不支持合约交易',
    ACCOUNT_MODE_UNSUPPORTED: '该账户模式下无法开仓',
    ISOLATED_UNAVAILABLE: '该账户模式不支持逐仓',
    VALIDATION_ERROR: '信号内容与品种不符',
    EXPIRED: '未到达交易所即已过期',
  },
};

export function wordsOf(locale: ChannelLocale): Words {
  return locale === 'zh' ? CHINESE : ENGLISH;
}

/** A denial code in a few words; a code of the venue's stays as it is. */
export function codeLabel(code: string, locale: ChannelLocale): string {
  const labels: Readonly<Record<string, string>> = wordsOf(locale).codes;
  return labels[code] ?? code;
}
