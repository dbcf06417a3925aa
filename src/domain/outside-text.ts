import type { OutsideCode } from './closed-outside';
import type { DenialLocale } from './denial-text';

const SENTENCES: Readonly<Record<DenialLocale, Readonly<Record<OutsideCode, string>>>> = {
  en: {
    CLOSED_BY_HAND:
      'Somebody else closed it at the venue, by hand or with another program. Our books follow the venue.',
    LIQUIDATED: 'The venue liquidated it, because the margin no longer carried it. Our books follow the venue.',
    AUTO_DELEVERAGED: 'The venue closed it against a liquidation of somebody else (ADL). Our books follow the venue.',
    DELISTED: 'The instrument ended, and the venue settled the position. Our books follow the venue.',
    CLOSED_ELSEWHERE:
      'It is gone at the venue, which does not say how. Our books follow the venue; where no price is known, it went at its entry price.',
  },
  zh: {
    CLOSED_BY_HAND: '有人在交易所手动或用其他程序平掉了该仓位，账面已随交易所更新。',
    LIQUIDATED: '保证金不足，交易所已强制平仓，账面已随交易所更新。',
    AUTO_DELEVERAGED: '交易所为他人的强平对该仓位进行了自动减仓（ADL），账面已随交易所更新。',
    DELISTED: '合约已下线，交易所已结算该仓位，账面已随交易所更新。',
    CLOSED_ELSEWHERE: '交易所已无该仓位，且未说明原因，账面已随交易所更新；价格未知的部分按开仓均价入账。',
  },
};

/** What a receipt says of a part of a position that went without us. */
export function outsideSentence(code: OutsideCode, locale: DenialLocale): string {
  return SENTENCES[locale][code];
}
