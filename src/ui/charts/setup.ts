'use client';

import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { useMemo } from 'react';
import { usePreferences } from '../theme/preferences-provider';
import { tickText } from './ticks';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

Chart.defaults.font.family =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

export type ChartColours = {
  readonly text: string;
  readonly line: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly up: string;
  readonly down: string;
  readonly surface: string;
};

const LIGHT = { text: '#69717f', line: '#e9ebf0', accent: '#3b5bdb', accentSoft: '#3b5bdb22', surface: '#ffffff' };
const DARK = { text: '#8d96a6', line: '#252b36', accent: '#6d8bff', accentSoft: '#6d8bff26', surface: '#1c212b' };
const GREEN = { light: '#17946a', dark: '#35b980' };
const RED = { light: '#d6455d', dark: '#f1656f' };

/** A canvas knows no CSS variables: the same colours, by theme and by the reader's up and down. */
export function useChartColours(): ChartColours {
  const { theme, trend } = usePreferences();
  return useMemo(() => {
    const base = theme === 'dark' ? DARK : LIGHT;
    const [up, down] = trend === 'green-up' ? [GREEN, RED] : [RED, GREEN];
    return { ...base, up: up[theme], down: down[theme] };
  }, [theme, trend]);
}

/** What all charts of the product share. */
export function chartOptions(colours: ChartColours) {
  const ticks = { color: colours.text, font: { size: 11 }, maxRotation: 0 };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: { duration: 250 },
    interaction: { mode: 'index' as const, intersect: false },
    plugins: {
      tooltip: {
        backgroundColor: colours.surface,
        titleColor: colours.text,
        bodyColor: colours.text,
        borderColor: colours.line,
        borderWidth: 1,
        padding: 10,
        displayColors: false,
        cornerRadius: 6,
      },
    },
    scales: {
      x: { grid: { display: false }, border: { color: colours.line }, ticks },
      y: { grid: { color: colours.line }, border: { display: false }, ticks },
    },
  };
}

/** For the values of an axis: short, and never the same words for two of them. */
export function axisTick(value: string | number, _: number, ticks: readonly { value: number }[]): string {
  return tickText(
    Number(value),
    ticks.map((tick) => tick.value),
  );
}
