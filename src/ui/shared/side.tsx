'use client';

import { useTranslations } from 'next-intl';
import type { TradeLeg } from '@/domain/order-state';

/** Long or short, buy or sell: a word with its arrow and colour. */
export function Side({ value }: { value: 'long' | 'short' | 'buy' | 'sell' }) {
  const t = useTranslations('sides');
  const up = value === 'long' || value === 'buy';
  return (
    <span className={`nowrap ${up ? 'up' : 'down'}`}>
      {up ? '↑' : '↓'} {t(value)}
    </span>
  );
}

/** What an order does to a position: "open long", "close short". */
export function Move({ leg, side }: { leg: TradeLeg; side: 'long' | 'short' }) {
  const t = useTranslations('moves');
  const up = (leg === 'open') === (side === 'long');
  return (
    <span className={`nowrap ${up ? 'up' : 'down'}`}>
      {up ? '↑' : '↓'} {t(`${leg}_${side}`)}
    </span>
  );
}
