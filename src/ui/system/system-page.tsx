'use client';

import {
  ClockCircleOutlined,
  CloudServerOutlined,
  DiffOutlined,
  ExportOutlined,
  ReloadOutlined,
  ThunderboltOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SystemView } from '@/contracts/api/safety';
import { call } from '../api/client';
import { FigureCard, FigureRow } from '../overview/figure-card';
import { FailureNote } from '../shared/failure';
import { PageHead } from '../shared/page-head';
import { When } from '../shared/when';
import { ComparisonNote } from './comparisons';
import { DriftPanel } from './drift-panel';
import { ExitsPanel } from './exits-panel';
import { NakedList } from './naked-list';
import { SwitchesPanel } from './switches-panel';
import styles from './system.module.css';
import { UnsettledPanel } from './unsettled-panel';
import { VenuesPanel } from './venues-panel';
import { WorkersPanel } from './workers-panel';

/** Workers, queue and breakers push nothing, and an outage stops the pushes of everything else. */
const REFRESH_MS = 5000;

/** How the service stands. Pushes keep it fresh (see live/cache), and a look every few seconds where none come. */
export function SystemPage() {
  const t = useTranslations('system');
  const [asked, setAsked] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => call<SystemView>('GET', '/system', { signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <PageHead
        title={t('title')}
        note={t('note')}
        actions={
          <>
            {data === undefined ? null : (
              <span className={`quiet small ${styles.asOf}`}>
                {t('asOf')} <When at={data.at} />
              </span>
            )}
            <Button
              icon={<ReloadOutlined />}
              loading={asked}
              onClick={() => {
                setAsked(true);
                void refetch().finally(() => setAsked(false));
              }}
            >
              {t('refresh')}
            </Button>
          </>
        }
      />
      {error === null ? null : <FailureNote error={error} retry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Skeleton active paragraph={{ rows: 8 }} />
        ) : null
      ) : (
        <>
          <Figures view={data} />
          <div className={styles.halves}>
            <div>
              <VenuesPanel breakers={data.breakers} workers={data.workers?.length ?? 0} />
              <SwitchesPanel switches={data.killSwitches} />
            </div>
            <WorkersPanel view={data} />
          </div>
          <ExitsPanel />
          <DriftPanel drift={data.drift} />
          <UnsettledPanel unsettled={data.unsettled} />
        </>
      )}
    </>
  );
}

function Figures({ view }: { view: SystemView }) {
  const t = useTranslations('system');
  const { unsettled, signals, drift, exits, naked, workers } = view;
  const streams = (workers ?? []).reduce(
    (sum, worker) => ({
      live: sum.live + (worker.streams?.live ?? 0),
      open: sum.open + (worker.streams?.open ?? 0),
    }),
    { live: 0, open: 0 },
  );
  return (
    <FigureRow>
      <FigureCard
        icon={<ClockCircleOutlined />}
        label={t('unsettled')}
        value={unsettled.count}
        note={
          <>
            {unsettled.oldestAt === null ? (
              t('allSettled')
            ) : (
              <>
                {t('oldest')} <When at={unsettled.oldestAt} />
              </>
            )}
            {unsettled.resting === 0 ? null : ` · ${t('resting', { count: unsettled.resting })}`}
          </>
        }
      />
      <FigureCard
        icon={<ThunderboltOutlined />}
        label={t('signals')}
        value={signals.unfinished}
        note={
          signals.oldestReceivedAt === null ? (
            t('allWorked')
          ) : (
            <>
              {t('oldest')} <When at={signals.oldestReceivedAt} />
            </>
          )
        }
      />
      <FigureCard
        icon={<ExportOutlined />}
        label={t('exits')}
        value={exits.open}
        note={
          exits.open === 0
            ? t('noExits')
            : exits.overdue === 0
              ? t('exitsInTime')
              : t('exitsOverdue', { count: exits.overdue })
        }
      />
      <FigureCard
        icon={<DiffOutlined />}
        label={t('drift')}
        value={drift.open}
        note={<ComparisonNote drift={drift} />}
      />
      <FigureCard
        icon={<WarningOutlined />}
        label={t('naked')}
        value={naked.count}
        note={naked.count === 0 ? t('noneNaked') : <NakedList naked={naked} />}
      />
      <FigureCard
        icon={<CloudServerOutlined />}
        label={t('streams')}
        value={workers === null ? '—' : `${streams.live}/${streams.open}`}
        note={workers === null ? t('noRedis') : t('streamsNote', { count: workers.length })}
      />
    </FigureRow>
  );
}
