'use client';

import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import type { SignalView } from '@/contracts/api/copying';
import { coinsOf, formatDecimal, formatPrice } from '../format/numbers';

type Outline = Pick<SignalView, 'symbol' | 'action' | 'side' | 'size' | 'orderType' | 'limitPrice'> &
  Partial<Pick<SignalView, 'stopLoss' | 'takeProfit'>>;

/** A signal in words: "Open long 0.5 BTC in BTC-USDT-SWAP at market". */
export function useSentence(): (signal: Outline) => string {
  const t = useTranslations('signal');
  return useCallback(
    (signal) => {
      const { symbol, action, side, size, orderType, limitPrice } = signal;
      const { base, quote } = coinsOf(symbol);
      const sideWord = side === null ? null : t(side);

      const amount = (): string => {
        if (size === null) return t('defaultSize');
        const value = formatDecimal(size.value);
        if (size.unit === 'base') return `${value} ${base}`;
        if (size.unit === 'quote') return `${value} ${quote}`;
        if (size.unit === 'margin') return t('margin', { value, quote });
        if (size.unit === 'percent_balance') return t('percentBalance', { value });
        if (size.unit === 'percent_position') return `${value}%`;
        return t('contracts', { value });
      };
      const closed = (): string => {
        if (size === null || (size.unit === 'percent_position' && Number(size.value) === 100)) {
          return sideWord === null ? t('wholePosition') : t('wholeSide', { side: sideWord });
        }
        return sideWord === null
          ? t('partOf', { share: amount() })
          : t('partOfSide', { share: amount(), side: sideWord });
      };

      const at = (level: SignalView['stopLoss'] | undefined): string | null =>
        level == null ? null : level.unit === 'percent' ? `${formatDecimal(level.value)}%` : formatPrice(level.value);
      const [stop, take] = [at(signal.stopLoss), at(signal.takeProfit)];
      const levels = [
        stop === null ? null : t('stopLoss', { at: stop }),
        take === null ? null : t('takeProfit', { at: take }),
      ]
        .filter((part) => part !== null)
        .map((part) => ` · ${part}`)
        .join('');
      if (action === 'protect') {
        const held = sideWord === null ? t('wholePosition') : t('wholeSide', { side: sideWord });
        return levels === '' ? t('unprotect', { held, symbol }) : `${t('protect', { held, symbol })}${levels}`;
      }

      const how =
        orderType === 'limit' && limitPrice !== null ? t('atLimit', { price: formatPrice(limitPrice) }) : t('atMarket');
      if (action === 'open') return `${t('open', { side: sideWord ?? '', size: amount(), symbol })} · ${how}${levels}`;
      if (action === 'close') return `${t('close', { size: closed(), symbol })} · ${how}${levels}`;
      return `${t('target', { size: sideWord === null ? amount() : `${sideWord} ${amount()}`, symbol })} · ${how}${levels}`;
    },
    [t],
  );
}

type Leader = NonNullable<SignalView['leader']>['before'];

/** "long 2 BTC", "flat": a position of the source, in contracts. */
export function LeaderPosition({ position }: { position: Leader }) {
  const t = useTranslations('signal');
  if (position.side === null || !/[1-9]/.test(position.quantity)) return <span className="quiet">{t('flat')}</span>;
  return (
    <span className={`nowrap ${position.side === 'long' ? 'up' : 'down'}`}>
      {position.side === 'long' ? '↑' : '↓'} {t(position.side)}{' '}
      <span className="num">{t('contracts', { value: formatDecimal(position.quantity) })}</span>
    </span>
  );
}
