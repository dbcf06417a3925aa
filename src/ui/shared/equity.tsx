'use client';

import { useTranslations } from 'next-intl';
import { BALANCE_OLD_AFTER } from '@/domain/balance-age';
import { useNow } from '../live/now';
import { Money } from './figures';
import { When } from './when';

/** What an account is worth or has free, with the age of the figure where it is older than in a sound installation. */
export function Equity({ value, at }: { value: string | null; at: string | null }) {
  const t = useTranslations('common');
  const now = useNow();
  const old = value !== null && at !== null && now - new Date(at).getTime() > BALANCE_OLD_AFTER;
  return (
    <span className="nowrap">
      <Money value={value} />
      {old ? (
        <span className="quiet small" style={{ display: 'block', fontWeight: 400 }}>
          {t('asOf')} <When at={at} />
        </span>
      ) : null}
    </span>
  );
}
