'use client';

import { BarChartOutlined, DollarOutlined, TeamOutlined, ThunderboltOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { DashboardView } from '@/contracts/api/overview';
import { dec, toText } from '@/domain/decimal';
import { call } from '../api/client';
import { formatMoney, formatPercent } from '../format/numbers';
import { FigureCard, FigureRow } from '../overview/figure-card';
import { FailureNote } from '../shared/failure';
import { Money, Pnl } from '../shared/figures';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { When } from '../shared/when';
import { useSentence } from '../signals/sentence';
import { FanOutStrip } from '../signals/strip';
import { AttentionList } from './attention-list';
import { DailyPnl, DailyVolume } from './daily-charts';
import styles from './dashboard.module.css';
import { MarketPanel } from './market-panel';

/** Figures of today, curves of a month, the last signals, and what needs somebody. */
export function DashboardPage() {
  const t = useTranslations('dashboard');
  const { data, error, refetch } = useQuery({
    queryKey: ['dashboard'],
    queryFn: ({ signal }) =>
      call<DashboardView>('GET', '/dashboard', {
        query: { utcOffsetMinutes: -new Date().getTimezoneOffset() },
        signal,
      }),
  });
  if (error !== null) return <FailureNote error={error} retry={() => void refetch()} />;
  return (
    <>
      <PageHead title={t('title')} />
      {data === undefined ? <Skeleton active paragraph={{ rows: 4 }} /> : <Content view={data} />}
    </>
  );
}

function Content({ view }: { view: DashboardView }) {
  const t = useTranslations('dashboard');
  const { figures, days } = view;
  const month = toText(days.reduce((sum, day) => sum.plus(dec(day.realizedPnl)), dec(0)));
  return (
    <>
      <AttentionList items={view.attention} />
      <FigureRow>
        <FigureCard
          icon={<TeamOutlined />}
          label={t('customers')}
          value={figures.customers}
          note={t('customersNote', {
            active: figures.activeCustomers,
            followers: figures.followers,
          })}
        />
        <FigureCard
          icon={<ThunderboltOutlined />}
          label={t('signals')}
          value={figures.signalsToday}
          note={
            figures.filledShareToday === null
              ? t('signalsNoteNone')
              : t('signalsNote', { orders: figures.ordersToday, share: formatPercent(figures.filledShareToday) })
          }
        />
        <FigureCard
          icon={<BarChartOutlined />}
          label={t('volume')}
          value={<Money value={figures.volumeToday} />}
          note={t('volumeNote', { count: figures.openPositions })}
        />
        <FigureCard
          icon={<DollarOutlined />}
          label={t('pnl')}
          value={<Pnl value={figures.realizedPnlToday} />}
          note={t('pnlNote', { value: `${formatMoney(month, true)} USDT` })}
        />
      </FigureRow>
      <div className={styles.halves}>
        <Panel title={t('volumeChart')} extra={<span className="quiet small">{t('perDay')} · USDT</span>}>
          <DailyVolume days={days} />
        </Panel>
        <Panel title={t('pnlChart')} extra={<span className="quiet small">{t('perDay')} · USDT</span>}>
          <DailyPnl days={days} />
        </Panel>
      </div>
      <div className={styles.halves}>
        <LastSignals signals={view.lastSignals} />
        <MarketPanel />
      </div>
    </>
  );
}

function LastSignals({ signals }: { signals: DashboardView['lastSignals'] }) {
  const t = useTranslations('dashboard');
  const s = useTranslations('signals');
  const sentence = useSentence();
  return (
    <Panel title={t('lastSignals')} extra={<Link href="/admin/signals">{t('allSignals')}</Link>} flush>
      {signals.length === 0 ? (
        <EmptyHint
          title={s('empty')}
          hint={s('emptyHint')}
          action={<Link href="/admin/signal-sources">{s('toSources')}</Link>}
        />
      ) : (
        <ul className={styles.signals}>
          {signals.map((signal) => (
            <li key={signal.id}>
              <Link href={`/admin/signals/${signal.id}`} className={styles.signal}>
                <span className={styles.sentence}>{sentence(signal)}</span>
                <span className="quiet small">
                  <When at={signal.timings.receivedAt} />
                </span>
                <span className={styles.strip}>
                  <FanOutStrip counts={signal.counts} />
                </span>
                <span className={styles.outcome}>
                  <span className="num">
                    {signal.counts.filled}/{signal.counts.total}
                  </span>
                  <Status value={signal.status} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
