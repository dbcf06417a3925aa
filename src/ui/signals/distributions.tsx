'use client';

import { useTranslations } from 'next-intl';
import { type ReactNode, useCallback, useMemo } from 'react';
import type { ReceiptView } from '@/contracts/api/copying';
import { Distribution } from '../charts/distribution';
import { quantile } from '../charts/histogram';
import { formatDecimal, formatDuration } from '../format/numbers';
import { Panel } from '../shared/page-head';
import styles from './signal-page.module.css';

/** A fraction as signed percent, for the axis of a chart: floats are good enough to draw. */
function percentOf(value: number): string {
  const text = Math.abs(value * 100).toFixed(3);
  const sign = Number(text) === 0 ? '' : value > 0 ? '+' : '−';
  return `${sign}${text}%`;
}

/** Milliseconds as long as they tell apart what lies near. */
function latencyOf(ms: number): string {
  return ms < 10_000 ? `${formatDecimal(String(Math.round(ms)))} ms` : formatDuration(ms);
}

/** How long the venue took, and how far fills were from the price at decision, over all followers. */
export function Distributions({ receipts }: { receipts: readonly ReceiptView[] | undefined }) {
  const t = useTranslations('signal');
  const trades = useMemo(() => (receipts ?? []).flatMap((receipt) => receipt.trades), [receipts]);
  const latencies = useMemo(
    () => trades.map((trade) => trade.latencyMs).filter((value): value is number => value !== null),
    [trades],
  );
  const slippages = useMemo(
    () =>
      trades
        .map((trade) => trade.slippage)
        .filter((value): value is string => value !== null)
        .map(Number),
    [trades],
  );
  return (
    <div className={styles.charts}>
      <Chart title={t('latencyTitle')} values={latencies} format={latencyOf} leastStep={1} missing={t('notEnough')} />
      <Chart
        title={t('slippageTitle')}
        values={slippages}
        format={percentOf}
        leastStep={0.00001}
        missing={t('notEnoughFills')}
      />
    </div>
  );
}

type ChartProps = {
  readonly title: string;
  readonly values: readonly number[];
  readonly format: (value: number) => string;
  readonly leastStep: number;
  readonly missing: string;
};

function Chart({ title, values, format, leastStep, missing }: ChartProps): ReactNode {
  const t = useTranslations('signal');
  const show = useCallback((share: number) => format(quantile(values, share) ?? 0), [values, format]);
  return (
    <Panel
      title={title}
      extra={
        values.length === 0 ? null : (
          <span className={`${styles.figures} num`}>
            <span>{t('median', { value: show(0.5) })}</span>
            <span>{t('p95', { value: show(0.95) })}</span>
          </span>
        )
      }
    >
      {values.length === 0 ? (
        <p className="quiet" style={{ margin: 0 }}>
          {missing}
        </p>
      ) : (
        <Distribution values={values} format={format} countLabel={t('orders')} label={title} leastStep={leastStep} />
      )}
    </Panel>
  );
}
