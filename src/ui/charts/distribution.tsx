'use client';

import { useMemo } from 'react';
import { Bar } from 'react-chartjs-2';
import styles from './charts.module.css';
import { histogram } from './histogram';
import { chartOptions, useChartColours } from './setup';

type Props = {
  readonly values: readonly number[];
  readonly format: (value: number) => string;
  readonly countLabel: string;
  readonly label: string;
  /** The finest difference that `format` shows: narrower bins would repeat their labels. */
  readonly leastStep: number;
};

/** How often which value occurs. */
export function Distribution({ values, format, countLabel, label, leastStep }: Props) {
  const colours = useChartColours();
  const bins = useMemo(() => histogram(values, leastStep), [values, leastStep]);
  const options = useMemo(() => {
    const base = chartOptions(colours);
    return {
      ...base,
      plugins: {
        tooltip: {
          ...base.plugins.tooltip,
          callbacks: {
            title: (items: { dataIndex: number }[]) => {
              const bin = bins[items[0]?.dataIndex ?? 0];
              return bin === undefined ? '' : `${format(bin.from)} – ${format(bin.to)}`;
            },
            label: (item: { formattedValue: string }) => `${countLabel}: ${item.formattedValue}`,
          },
        },
      },
      scales: {
        x: { ...base.scales.x, ticks: { ...base.scales.x.ticks, maxTicksLimit: 7 } },
        y: { ...base.scales.y, beginAtZero: true, ticks: { ...base.scales.y.ticks, precision: 0, maxTicksLimit: 4 } },
      },
    };
  }, [colours, bins, format, countLabel]);
  return (
    <div className={styles.small}>
      <Bar
        aria-label={label}
        role="img"
        options={options}
        data={{
          labels: bins.map((bin) => format(bin.from)),
          datasets: [
            {
              data: bins.map((bin) => bin.count),
              backgroundColor: colours.accent,
              borderRadius: 2,
              categoryPercentage: 1,
              barPercentage: 0.92,
              maxBarThickness: 56,
            },
          ],
        }}
      />
    </div>
  );
}
