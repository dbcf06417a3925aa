'use client';

import { Segmented, Skeleton } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Equity } from '../shared/equity';
import { FailureNote } from '../shared/failure';
import { Money, Pnl } from '../shared/figures';
import { Panel } from '../shared/page-head';
import { EquityCurve } from './equity-curve';
import { FigureCard, FigureRow } from './figure-card';
import { useOverview } from './use-overview';

const SPANS = [7, 30, 90] as const;

/** Equity, profit and fees of one customer, and the curve of his equity. */
export function CustomerFigures({ customerId }: { customerId: string | null }) {
  const t = useTranslations('portal.overview');
  const [days, setDays] = useState<number>(30);
  const { data, error, refetch } = useOverview(customerId, days);
  if (error !== null) return <FailureNote error={error} retry={() => void refetch()} />;
  return (
    <>
      <FigureRow>
        <FigureCard
          label={t('equity')}
          value={<Equity value={data?.equity ?? null} at={data?.customer.equityAt ?? null} />}
          note={
            <>
              {t('available')} <Money value={data?.available ?? null} />
            </>
          }
        />
        <FigureCard label={t('unrealized')} value={<Pnl value={data?.unrealizedPnl ?? null} />} />
        <FigureCard label={t('realized')} value={<Pnl value={data?.realizedPnl ?? null} />} />
        <FigureCard label={t('fees')} value={<Money value={data?.fees ?? null} />} title={t('feesHint')} />
      </FigureRow>
      <Panel
        title={t('curve')}
        extra={
          <Segmented
            size="small"
            value={days}
            onChange={setDays}
            options={SPANS.map((value) => ({ value, label: t('days', { count: value }) }))}
          />
        }
      >
        {data === undefined ? (
          <Skeleton active title={false} paragraph={{ rows: 5 }} />
        ) : data.curve.length < 2 ? (
          <p className="quiet">{t('curveEmpty')}</p>
        ) : (
          <EquityCurve points={data.curve} label={t('curve')} />
        )}
      </Panel>
    </>
  );
}
