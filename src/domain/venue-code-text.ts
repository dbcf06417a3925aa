import type { DenialLocale } from './denial-text';

type Words = Readonly<Record<DenialLocale, string>>;

const CROSSED_TAKE: Words = {
  en: 'The price has already passed the take-profit.',
  zh: '价格已越过止盈价。',
};
const CROSSED_STOP: Words = {
  en: 'The price has already passed the stop-loss.',
  zh: '价格已越过止损价。',
};
const NO_MARGIN: Words = {
  en: 'Not enough balance or margin at the exchange.',
  zh: '交易所账户的余额或保证金不足。',
};
const UNANSWERED: Words = {
  en: 'The exchange did not say in time what became of it.',
  zh: '交易所未能及时给出结果。',
};
const BUSY: Words = { en: 'The exchange is busy.', zh: '交易所系统繁忙。' };
const TOO_FAST: Words = { en: 'Too many requests to the exchange.', zh: '向交易所的请求过于频繁。' };
const TOO_LATE: Words = {
  en: 'It reached the exchange after its time was up.',
  zh: '到达交易所时已超过有效时间。',
};
const WRONG_KEY: Words = { en: 'The exchange does not know the API key.', zh: '交易所不认可该 API Key。' };
const WRONG_SIGN: Words = {
  en: 'The signature does not fit: the secret key is wrong.',
  zh: '签名错误：Secret key 不正确。',
};
const WRONG_PASSPHRASE: Words = {
  en: 'The passphrase of the API key is wrong.',
  zh: 'API Key 的口令（Passphrase）不正确。',
};
const WRONG_CLOCK: Words = {
  en: 'The time of the request did not fit the exchange’s clock.',
  zh: '请求时间与交易所时钟不符。',
};
const KEY_MISSING: Words = {
  en: 'A part of the API key was missing in the request.',
  zh: '请求缺少 API Key 的部分信息。',
};
const REPEATED_ID: Words = { en: 'An order with this id exists already.', zh: '相同编号的订单已存在。' };
const STOPS_REST: Words = {
  en: 'Leverage cannot be changed while stop orders or other conditional orders rest there.',
  zh: '有止盈止损等条件单时，无法修改杠杆。',
};
const TOO_LARGE: Words = {
  en: 'The order is larger than the exchange allows for one order.',
  zh: '数量超过交易所单笔上限。',
};
const OWNER_LIMIT: Words = {
  en: 'The exchange’s limit for positions of one owner is reached.',
  zh: '已达到交易所对同一用户的持仓上限。',
};
const SETTLING: Words = { en: 'The contract is being settled.', zh: '合约正在结算。' };

/** OKX's codes by what they mean to somebody who does not know its API. */
const OKX: Readonly<Record<string, Words>> = {
  '50001': { en: 'The exchange’s service is not available now.', zh: '交易所服务暂不可用。' },
  '50004': UNANSWERED,
  '50011': TOO_FAST,
  '50013': BUSY,
  '50023': SETTLING,
  '50026': { en: 'The exchange had an error of its own.', zh: '交易所系统错误。' },
  '50036': TOO_LATE,
  '50037': TOO_LATE,
  '50040': TOO_FAST,
  '50061': { en: 'Too many orders of this account in a short time.', zh: '该账户短时间内下单过多。' },
  '50072': { en: 'The account’s mode knows no isolated margin.', zh: '当前账户模式不支持逐仓。' },
  '50101': {
    en: 'The API key belongs to the other environment: live or demo trading.',
    zh: 'API Key 与环境不符（实盘 / 模拟盘）。',
  },
  '50102': WRONG_CLOCK,
  '50103': KEY_MISSING,
  '50104': KEY_MISSING,
  '50105': WRONG_PASSPHRASE,
  '50106': KEY_MISSING,
  '50107': KEY_MISSING,
  '50110': {
    en: 'The API key does not allow this service’s IP address.',
    zh: 'API Key 的 IP 白名单不包含本服务的地址。',
  },
  '50111': WRONG_KEY,
  '50112': WRONG_CLOCK,
  '50113': WRONG_SIGN,
  '50114': { en: 'The API key is not authorised for this.', zh: 'API Key 授权无效。' },
  '50119': { en: 'The API key does not exist any more.', zh: 'API Key 不存在或已被删除。' },
  '50120': { en: 'The API key lacks the permission for this.', zh: 'API Key 没有所需权限。' },
  '51000': { en: 'The exchange did not accept a value of the request.', zh: '交易所不接受请求中的某个参数。' },
  '51001': { en: 'The exchange does not know the instrument.', zh: '交易所没有该合约。' },
  '51004': {
    en: 'Position and orders together would exceed the maximum at this leverage.',
    zh: '持仓与挂单合计将超过当前杠杆下的上限。',
  },
  '51005': TOO_LARGE,
  '51006': { en: 'The price is outside the exchange’s price limits.', zh: '价格超出交易所限价范围。' },
  '51008': NO_MARGIN,
  '51010': { en: 'The account’s mode at the exchange does not allow it.', zh: '当前账户模式不支持该操作。' },
  '51016': REPEATED_ID,
  '51020': { en: 'The order is below the exchange’s minimum.', zh: '数量低于交易所最小下单量。' },
  '51022': { en: 'The exchange has suspended the contract.', zh: '该合约已暂停交易。' },
  '51023': { en: 'There is no such position at the exchange.', zh: '交易所没有该持仓。' },
  '51025': {
    en: 'Too many open orders: the exchange takes no more for this account.',
    zh: '未完成的委托过多，已达到交易所上限。',
  },
  '51028': { en: 'The contract is being delivered.', zh: '合约正在交割。' },
  '51029': SETTLING,
  '51030': { en: 'Funding fees are being settled.', zh: '正在结算资金费用。' },
  '51046': CROSSED_TAKE,
  '51047': CROSSED_STOP,
  '51048': CROSSED_TAKE,
  '51049': CROSSED_STOP,
  '51050': CROSSED_TAKE,
  '51051': CROSSED_STOP,
  '51052': CROSSED_TAKE,
  '51053': CROSSED_STOP,
  '51054': UNANSWERED,
  '51065': REPEATED_ID,
  '51068': REPEATED_ID,
  '51112': { en: 'More was to be closed than can be closed there.', zh: '平仓数量超过可平数量。' },
  '51119': NO_MARGIN,
  '51121': { en: 'The size is no multiple of the contract’s lot.', zh: '数量不是最小变动单位的整数倍。' },
  '51124': { en: 'Only limit orders are taken during the call auction.', zh: '集合竞价期间只接受限价单。' },
  '51127': { en: 'Nothing of the balance is free.', zh: '可用余额为 0。' },
  '51131': NO_MARGIN,
  '51149': UNANSWERED,
  '51169': { en: 'Nothing is held on this side that could be closed.', zh: '该方向没有可平的持仓。' },
  '51170': {
    en: 'The position at the exchange is on the other side, so that this would not close it.',
    zh: '交易所持仓方向相反，该订单无法平仓。',
  },
  '51202': {
    en: 'The order is larger than the exchange allows for one market order.',
    zh: '数量超过交易所单笔市价单上限。',
  },
  '51205': { en: 'The exchange does not take a reduce-only order of this kind.', zh: '该订单类型不支持只减仓。' },
  '51277': CROSSED_TAKE,
  '51278': CROSSED_STOP,
  '51279': CROSSED_TAKE,
  '51280': CROSSED_STOP,
  '51300': CROSSED_TAKE,
  '51302': CROSSED_STOP,
  '51303': CROSSED_TAKE,
  '51304': CROSSED_STOP,
  '51305': CROSSED_TAKE,
  '51306': CROSSED_STOP,
  '51307': CROSSED_TAKE,
  '51308': CROSSED_STOP,
  '51400': {
    en: 'The order was filled or cancelled already, or is not known there.',
    zh: '订单已成交、已撤销或不存在。',
  },
  '51603': { en: 'The exchange does not know the order.', zh: '交易所没有该订单。' },
  '54030': OWNER_LIMIT,
  '54031': OWNER_LIMIT,
  '59000': {
    en: 'The setting cannot be changed while positions or orders are open.',
    zh: '有持仓或挂单时无法修改该设置。',
  },
  '59668': STOPS_REST,
  '59669': STOPS_REST,
  '59670': { en: 'Leverage cannot be changed while so many orders are open.', zh: '未完成的委托过多，无法修改杠杆。' },
  '60005': WRONG_KEY,
  '60007': WRONG_SIGN,
  '60009': { en: 'The exchange refused the log-in.', zh: '交易所拒绝登录。' },
  '60024': WRONG_PASSPHRASE,
  '60032': { en: 'The API key does not exist any more.', zh: 'API Key 不存在或已被删除。' },
};

/**
 * What a venue's own code says, as one sentence for people; of one that we do not know, that it is a refusal, with the code. Null: it is
 * no code of a venue. The venue's own text is English, whatever the reader's language: show it beside, never instead.
 */
export function venueSentence(code: string, locale: DenialLocale): string | null {
  const known = Object.hasOwn(OKX, code) ? OKX[code] : undefined;
  if (known !== undefined) return known[locale];
  if (code.startsWith(LEVERAGE)) return leverageSentence(code.slice(LEVERAGE.length), locale);
  if (!/^\d{3,8}$/.test(code)) return null;
  return locale === 'zh' ? `交易所拒绝了该请求（代码 ${code}）。` : `The exchange refused it (code ${code}).`;
}

/** Before a code: it was answered to the setting of leverage that an entry needed. */
const LEVERAGE = 'LEVERAGE_';

function leverageSentence(code: string, locale: DenialLocale): string {
  const why = venueSentence(code, locale);
  if (locale === 'zh') return why === null ? '杠杆未能设置。' : `杠杆未能设置：${why}`;
  return why === null ? 'The leverage could not be set.' : `The leverage could not be set. ${why}`;
}
