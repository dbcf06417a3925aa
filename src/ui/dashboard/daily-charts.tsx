'use client';

import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { Bar, Chart } from 'react-chartjs-2';
import type { DashboardView } from '@/contracts/api/overview';
import { dec } from '@/domain/decimal';
import { axisTick, chartOptions, useChartColours } from '../charts/setup';
import { formatMoney, signOf } from '../format/numbers';
import { EmptyHint } from '../shared/page-head';
import { useDayFormat } from '../shared/when';
import styles from './dashboard.module.css';

type Days = DashboardView['days'];

function useFrame() {
  const colours = useChartColours();
  return useMemo(() => {
    const base = chartOptions(colours);
    const ticks = {
      ...base.scales.y.ticks,
      maxTicksLimit: 6,
      callback: axisTick,
    };
    const scales = {
      x: { ...base.scales.x, ticks: { ...base.scales.x.ticks, maxTicksLimit: 8 } },
      y: { ...base.scales.y, ticks },
    };
    return { colours, options: { ...base, scales }, tooltip: base.plugins.tooltip };
  }, [colours]);
}

/** Traded value of each day. */
export function DailyVolume({ days }: { days: Days }) {
  const t = useTranslations('dashboard');
  const format = useDayFormat();
  const { colours, options, tooltip } = useFrame();
  if (days.every(({ volume }) => signOf(volume) === 0)) return <EmptyHint title={t('noVolume')} />;
  return (
    <div className={styles.chart}>
      <Bar
        role="img"
        aria-label={`${t('volumeChart')}, ${t('perDay')}`}
        options={{
          ...options,
          plugins: {
            tooltip: {
              ...tooltip,
              callbacks: { label: (item) => `${formatMoney(days[item.dataIndex]?.volume ?? '')} USDT` },
            },
          },
        }}
        data={{
          labels: days.map(({ day }) => format(day)),
          datasets: [
            { data: days.map(({ volume }) => Number(volume)), backgroundColor: colours.accent, borderRadius: 2 },
          ],
        }}
      />
    </div>
  );
}

/** Realised profit or loss of each day, and their sum. */
export function DailyPnl({ days }: { days: Days }) {
  const t = useTranslations('dashboard');
  const format = useDayFormat();
  const { colours, options, tooltip } = useFrame();
  const sums = useMemo(() => {
    let sum = dec(0);
    return days.map(({ realizedPnl }) => {
      sum = sum.plus(dec(realizedPnl));
      return sum.toFixed();
    });
  }, [days]);
  if (days.every(({ realizedPnl }) => signOf(realizedPnl) === 0)) return <EmptyHint title={t('noPnl')} />;
  return (
    <div className={styles.chart}>
      <Chart
        type="bar"
        role="img"
        aria-label={`${t('pnlChart')}, ${t('perDay')}`}
        options={{
          ...options,
          plugins: {
            tooltip: {
              ...tooltip,
              callbacks: {
                label: (item) =>
                  item.datasetIndex === 0
                    ? `${t('cumulated')}: ${formatMoney(sums[item.dataIndex] ?? '', true)} USDT`
                    : `${formatMoney(days[item.dataIndex]?.realizedPnl ?? '', true)} USDT`,
              },
            },
          },
        }}
        data={{
          labels: days.map(({ day }) => format(day)),
          datasets: [
            {
              type: 'line' as const,
              data: sums.map(Number),
              borderColor: colours.accent,
              borderWidth: 2,
              pointRadius: 0,
              tension: 0.2,
            },
            {
              type: 'bar' as const,
              data: days.map(({ realizedPnl }) => Number(realizedPnl)),
              backgroundColor: days.map(({ realizedPnl }) => (realizedPnl.startsWith('-') ? colours.down : colours.up)),
              borderRadius: 2,
            },
          ],
        }}
      />
    </div>
  );
}
