'use client';

import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslations } from 'next-intl';
import type { TradingStopsView } from '@/contracts/api/safety';
import { call } from '../api/client';
import { When } from '../shared/when';
import styles from './portal.module.css';

/** Switches of the platform, the provider and strategies are not pushed to customers. */
const REFRESH_MS = 10_000;

/** Says on every page of the portal that trading is held back for the customer, since when, and what that does to what he holds. */
export function TradingStops() {
  const t = useTranslations('portal.stops');
  const { data } = useQuery({
    queryKey: ['trading-stops'],
    queryFn: ({ signal }) => call<TradingStopsView>('GET', '/trading-stops', { signal }),
    refetchInterval: REFRESH_MS,
  });
  return data?.items.map(({ strategy, level, since }) => (
    <Alert
      key={strategy?.id ?? ''}
      className={styles.gap}
      type={level === 'halt' ? 'error' : 'warning'}
      showIcon
      title={
        <strong>
          {strategy === null ? t(`${level}.everything`) : t(`${level}.strategy`, { strategy: strategy.name })}
        </strong>
      }
      description={
        <>
          {since === null ? null : (
            <div>
              {t('since')} <When at={since} absolute />
            </div>
          )}
          <div>{t(`${level}.held`)}</div>
          <div>{t(`${level}.after`)}</div>
        </>
      }
    />
  ));
}
