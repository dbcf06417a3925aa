'use client';

import { useQuery } from '@tanstack/react-query';
import { Segmented, Select, Skeleton } from 'antd';
import { useLocale, useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import { Bar, Chart } from 'react-chartjs-2';
import { CANDLE_INTERVALS, type CandlesView } from '@/contracts/api/market';
import { call } from '../api/client';
import { useInstruments } from '../api/instruments';
import { chartOptions, useChartColours } from '../charts/setup';
import { formatDecimal, formatPrice } from '../format/numbers';
import { FailureNote } from '../shared/failure';
import { Panel } from '../shared/page-head';
import styles from './dashboard.module.css';
import { movingAverage } from './moving-average';

type Candle = CandlesView['candles'][number];
const SHOWN = 90;
const LONGEST_AVERAGE = 25;
const AVERAGES = { short: '#e0a030', long: '#8b5cf6' } as const;

/** Prices of an instrument as a K-line with MA7, MA25 and volume. */
export function MarketPanel() {
  const t = useTranslations('dashboard');
  const c = useTranslations('common');
  const instruments = useInstruments();
  const [chosen, setChosen] = useState<string | null>(null);
  const [interval, setInterval] = useState<string>('15m');
  const symbol =
    chosen ?? instruments.data?.find((each) => each.symbol.startsWith('BTC-'))?.symbol ?? instruments.data?.[0]?.symbol;
  const { data, error, refetch } = useQuery({
    queryKey: ['candles', symbol, interval],
    enabled: symbol !== undefined,
    queryFn: ({ signal }) =>
      call<CandlesView>('GET', '/candles', {
        query: { symbol, interval, limit: SHOWN + LONGEST_AVERAGE },
        signal,
      }),
    staleTime: 30_000,
  });
  if (instruments.data?.length === 0) return null;
  const tick = instruments.data?.find((each) => each.symbol === symbol)?.tickSize;
  return (
    <Panel
      title={t('market')}
      extra={
        <div className={styles.pickers}>
          <Select
            size="small"
            aria-label={c('instrument')}
            value={symbol}
            onChange={setChosen}
            popupMatchSelectWidth={false}
            showSearch
            options={(instruments.data ?? []).map((each) => ({ value: each.symbol, label: each.symbol }))}
          />
          <Segmented
            size="small"
            aria-label={t('interval')}
            value={interval}
            onChange={setInterval}
            options={[...CANDLE_INTERVALS]}
          />
        </div>
      }
    >
      {error !== null ? (
        <FailureNote error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton active title={false} paragraph={{ rows: 8 }} />
      ) : data.candles.length === 0 ? (
        <p className="quiet">{t('noCandles')}</p>
      ) : (
        <Candles candles={data.candles} tick={tick} symbol={data.symbol} />
      )}
    </Panel>
  );
}

function Candles({ candles: all, tick, symbol }: { candles: Candle[]; tick: string | undefined; symbol: string }) {
  const t = useTranslations('dashboard');
  const locale = useLocale();
  const colours = useChartColours();
  const [at, setAt] = useState<number | null>(null);
  const frame = useMemo(() => {
    const candles = all.slice(-SHOWN);
    const closes = all.map((candle) => Number(candle.close));
    const cut = <T,>(values: readonly T[]) => values.slice(-candles.length);
    const format = new Intl.DateTimeFormat(locale === 'zh' ? 'zh-CN' : 'en-GB', {
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
    return {
      candles,
      labels: candles.map((candle) => format.format(new Date(candle.openedAt))),
      short: cut(movingAverage(closes, 7)),
      long: cut(movingAverage(closes, LONGEST_AVERAGE)),
      tones: candles.map((candle) => (Number(candle.close) >= Number(candle.open) ? colours.up : colours.down)),
    };
  }, [all, locale, colours]);
  const { candles, labels, short, long, tones } = frame;
  const base = useMemo(() => chartOptions(colours), [colours]);
  const range = useMemo(() => {
    const low = Math.min(...candles.map((candle) => Number(candle.low)));
    const high = Math.max(...candles.map((candle) => Number(candle.high)));
    // Candles of one price need a range, too.
    const room = high > low ? (high - low) * 0.04 : Math.abs(high) * 0.001 || 1;
    return { low: low - room, high: high + room };
  }, [candles]);
  const shown = candles[at ?? candles.length - 1];
  const price = (value: number | null | undefined) =>
    value === null || value === undefined ? '—' : formatPrice(String(value), tick);
  const hovering = { onHover: (_: unknown, elements: { index: number }[]) => setAt(elements[0]?.index ?? null) };
  const index = at ?? candles.length - 1;
  // Both charts keep the same room at the side, so that candles and volumes stand above each other.
  const sameRoom = (axis: { width: number }) => {
    axis.width = 66;
  };
  const ySide = { ...base.scales.y, position: 'right' as const, afterFit: sameRoom };

  return (
    <>
      <div className={`${styles.readout} num`}>
        {shown === undefined ? null : (
          <>
            <span>{labels[index]}</span>
            {(['open', 'high', 'low', 'close'] as const).map((key) => (
              <span key={key}>
                {t(key)} <b>{formatPrice(shown[key], tick)}</b>
              </span>
            ))}
            <span>
              {t('candleVolume')} <b>{formatDecimal(shown.volume, { most: 0 })}</b>
            </span>
            <span style={{ color: AVERAGES.short }}>MA7 {price(short[index])}</span>
            <span style={{ color: AVERAGES.long }}>MA25 {price(long[index])}</span>
          </>
        )}
      </div>
      <div className={styles.candles}>
        <Chart<'bar' | 'line', (number | [number, number] | null)[], string>
          type="bar"
          role="img"
          aria-label={`${symbol} K-line`}
          options={{
            ...base,
            ...hovering,
            animation: false,
            plugins: { tooltip: { enabled: false } },
            scales: {
              x: { ...base.scales.x, ticks: { display: false } },
              y: {
                ...ySide,
                min: range.low,
                max: range.high,
                ticks: {
                  ...base.scales.y.ticks,
                  maxTicksLimit: 7,
                  callback: (value) => formatPrice(Number(value).toFixed(8), tick),
                },
              },
            },
          }}
          data={{
            labels,
            datasets: [
              line(short, AVERAGES.short),
              line(long, AVERAGES.long),
              {
                type: 'bar' as const,
                data: candles.map((candle) => [Number(candle.low), Number(candle.high)] as [number, number]),
                backgroundColor: tones,
                barThickness: 1,
                grouped: false,
                order: 2,
              },
              {
                type: 'bar' as const,
                data: candles.map((candle) => [Number(candle.open), Number(candle.close)] as [number, number]),
                backgroundColor: tones,
                minBarLength: 1,
                grouped: false,
                categoryPercentage: 0.9,
                barPercentage: 0.8,
                order: 1,
              },
            ],
          }}
        />
      </div>
      <div className={styles.volume}>
        <Bar
          role="img"
          aria-label={`${symbol} ${t('candleVolume')}`}
          options={{
            ...base,
            ...hovering,
            animation: false,
            plugins: { tooltip: { enabled: false } },
            scales: {
              x: { ...base.scales.x, ticks: { ...base.scales.x.ticks, maxTicksLimit: 5 } },
              y: { ...ySide, beginAtZero: true, ticks: { display: false }, grid: { display: false } },
            },
          }}
          data={{
            labels,
            datasets: [
              {
                data: candles.map((candle) => Number(candle.volume)),
                backgroundColor: tones.map((tone) => `${tone}99`),
                categoryPercentage: 0.9,
                barPercentage: 0.8,
              },
            ],
          }}
        />
      </div>
    </>
  );
}

function line(values: readonly (number | null)[], colour: string) {
  return {
    type: 'line' as const,
    data: [...values],
    borderColor: colour,
    borderWidth: 1.3,
    pointRadius: 0,
    pointHitRadius: 0,
    order: 0,
  };
}
