'use client';

import { useLocale } from 'next-intl';
import { useMemo } from 'react';
import { Line } from 'react-chartjs-2';
import type { OverviewView } from '@/contracts/api/overview';
import { axisTick, chartOptions, useChartColours } from '../charts/setup';
import { formatMoney } from '../format/numbers';
import styles from './overview.module.css';

/** Equity over time. */
export function EquityCurve({ points, label }: { points: OverviewView['curve']; label: string }) {
  const colours = useChartColours();
  const locale = useLocale();
  const options = useMemo(() => {
    const base = chartOptions(colours);
    return {
      ...base,
      plugins: {
        tooltip: {
          ...base.plugins.tooltip,
          callbacks: {
            label: (item: { dataIndex: number }) => `${formatMoney(points[item.dataIndex]?.equity ?? '')} USDT`,
          },
        },
      },
      scales: {
        x: { ...base.scales.x, ticks: { ...base.scales.x.ticks, maxTicksLimit: 7 } },
        y: { ...base.scales.y, ticks: { ...base.scales.y.ticks, maxTicksLimit: 6, callback: axisTick } },
      },
    };
  }, [colours, points]);
  const labels = useMemo(() => {
    const format = new Intl.DateTimeFormat(locale === 'zh' ? 'zh-CN' : 'en-GB', {
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
    return points.map(({ at }) => format.format(new Date(at)));
  }, [points, locale]);
  return (
    <div className={styles.curve}>
      <Line
        aria-label={label}
        role="img"
        options={options}
        data={{
          labels,
          datasets: [
            {
              data: points.map(({ equity }) => Number(equity)),
              borderColor: colours.accent,
              backgroundColor: colours.accentSoft,
              borderWidth: 2,
              fill: true,
              pointRadius: points.length < 12 ? 2.5 : 0,
              tension: 0.2,
            },
          ],
        }}
      />
    </div>
  );
}
