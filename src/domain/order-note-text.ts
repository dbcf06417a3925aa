import type { DenialLocale } from './denial-text';

/** The venue turned out to have an order that our books had ended. */
export const FOUND_AT_VENUE = 'FOUND_AT_VENUE';

/** The account has no key of its own that opens, so that nobody can ask for an order that may have been placed. */
export const CREDENTIALS_UNREADABLE = 'CREDENTIALS_UNREADABLE';

/** The account used another leverage than was decided: somebody had changed it at the venue, or another entry of ours (`by`: ours). */
export const LEVERAGE_CHANGED = 'LEVERAGE_CHANGED';

/** Codes of our own that say something of an order without refusing it. */
const ORDER_NOTES = [FOUND_AT_VENUE, CREDENTIALS_UNREADABLE, LEVERAGE_CHANGED] as const;
type OrderNote = (typeof ORDER_NOTES)[number];

type Sentence = (context: Readonly<Record<string, string>>) => string;

const ENDED_EN: Readonly<Record<string, string>> = { rejected: 'refused', expired: 'never placed' };
const ENDED_ZH: Readonly<Record<string, string>> = { rejected: '已被拒绝', expired: '未曾送达' };

const SENTENCES: Readonly<Record<OrderNote, Readonly<Record<DenialLocale, Sentence>>>> = {
  FOUND_AT_VENUE: {
    en: ({ endedAs = '?', endedCode }) =>
      `The venue has this order, although it counted as ${ENDED_EN[endedAs] ?? endedAs}${endedCode === undefined ? '' : ` (${endedCode})`}. What it filled is booked.`,
    zh: ({ endedAs = '?', endedCode }) =>
      `该订单曾被视为${ENDED_ZH[endedAs] ?? endedAs}${endedCode === undefined ? '' : `（${endedCode}）`}，但交易所实际已接收；成交已入账。`,
  },
  CREDENTIALS_UNREADABLE: {
    en: () =>
      'The stored API key could not be opened, or not be proved to be this account’s, while this order was due: it could be neither sent nor asked for.',
    zh: () => '该订单待处理期间，保存的 API Key 无法解密，或未能证实属于该账户，既无法发送也无法查询。',
  },
  LEVERAGE_CHANGED: {
    en: ({ leverage = '?', wanted = '?', by }) =>
      by === 'ours'
        ? `The account stood at ${leverage}× at the venue instead of ${wanted}×: another entry of it had set it.`
        : `The account stood at ${leverage}× at the venue instead of ${wanted}×: the leverage had been changed there. It is set again before the next entry.`,
    zh: ({ leverage = '?', wanted = '?', by }) =>
      by === 'ours'
        ? `该账户在交易所的杠杆为 ${leverage} 倍，而非决策的 ${wanted} 倍：由该账户的另一笔开仓单设置。`
        : `该账户在交易所的杠杆为 ${leverage} 倍，而非决策的 ${wanted} 倍：杠杆曾在交易所被修改，下次开仓前会重新设置。`,
  },
};

/** What the code says of an order as one sentence; null: it is none of these codes. */
export function orderNote(
  code: string,
  context: Readonly<Record<string, string>>,
  locale: DenialLocale,
): string | null {
  const note = ORDER_NOTES.find((known) => known === code);
  return note === undefined ? null : SENTENCES[note][locale](context);
}
