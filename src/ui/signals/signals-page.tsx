'use client';

import { Button } from 'antd';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { SIGNAL_STATUSES, type SignalView } from '@/contracts/api/copying';
import { useList } from '../api/lists';
import { useSourceOptions } from '../api/names';
import { formatDuration } from '../format/numbers';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { ShortId } from '../shared/short-id';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { When } from '../shared/when';
import { useSentence } from './sentence';
import { FanOutStrip } from './strip';

const FILTERS = ['sourceId', 'status', 'attempts'] as const;

export function untilLastFill({ timings }: Pick<SignalView, 'timings'>): string | null {
  if (timings.lastFilledAt === null) return null;
  return formatDuration(Math.max(0, Date.parse(timings.lastFilledAt) - Date.parse(timings.receivedAt)));
}

export function SignalsPage() {
  const t = useTranslations('signals');
  const c = useTranslations('common');
  const status = useTranslations('status');
  const router = useRouter();
  const sentence = useSentence();
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const list = useList<SignalView>('/signals', filters);
  const sources = useSourceOptions();

  const columns: Columns<SignalView> = [
    { title: c('time'), key: 'time', render: (_, row) => <When at={row.timings.receivedAt} /> },
    { title: t('source'), dataIndex: 'sourceName' },
    {
      title: t('signal'),
      key: 'signal',
      render: (_, row) => (
        <>
          <Link href={`/admin/signals/${row.id}`}>{sentence(row)}</Link>
          {row.attempt > 1 ? <div className="quiet small">{t('attempt', { attempt: row.attempt })}</div> : null}
        </>
      ),
    },
    {
      title: t('followers'),
      key: 'followers',
      width: 220,
      render: (_, row) => (
        <div style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
          <span className="num" style={{ minWidth: 62, textAlign: 'right' }}>
            {row.counts.filled}/{row.counts.total}
          </span>
          <div style={{ flex: 1 }}>
            <FanOutStrip counts={row.counts} />
          </div>
        </div>
      ),
    },
    {
      title: t('toLastFill'),
      key: 'latency',
      align: 'right',
      render: (_, row) => <span className="num">{untilLastFill(row) ?? '—'}</span>,
    },
    { title: c('status'), key: 'status', render: (_, row) => <Status value={row.status} /> },
    { title: 'ID', key: 'id', render: (_, row) => <ShortId id={row.id} /> },
  ];

  return (
    <>
      <PageHead title={t('title')} note={t('note')} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ sourceId: null, status: null, attempts: null })}>
          <ChoiceFilter
            label={t('source')}
            value={filters.sourceId}
            options={sources.options}
            loading={sources.loading}
            onChange={(sourceId) => setFilters({ sourceId })}
          />
          <ChoiceFilter
            label={c('status')}
            value={filters.status}
            options={SIGNAL_STATUSES.map((value) => ({ value, label: status(value) }))}
            onChange={(value) => setFilters({ status: value })}
          />
          <ChoiceFilter
            label={t('attempts')}
            value={filters.attempts}
            options={[{ value: 'all', label: t('allAttempts') }]}
            onChange={(attempts) => setFilters({ attempts })}
          />
        </FilterBar>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          onOpen={(row) => router.push(`/admin/signals/${row.id}`)}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between', gap: 12 }}>
                <When at={row.timings.receivedAt} />
                <Status value={row.status} />
              </div>
              <div style={{ fontWeight: 600, margin: '2px 0 6px' }}>{sentence(row)}</div>
              <FanOutStrip counts={row.counts} />
              <div className="quiet small" style={{ marginTop: 4 }}>
                {row.sourceName} · {row.counts.filled}/{row.counts.total} · {untilLastFill(row) ?? '—'}
                {row.attempt > 1 ? ` · ${t('attempt', { attempt: row.attempt })}` : null}
              </div>
            </>
          )}
          empty={
            filtered ? (
              <EmptyHint title={c('noMatch')} hint={c('noMatchHint')} />
            ) : (
              <EmptyHint
                title={t('empty')}
                hint={t('emptyHint')}
                action={
                  <Link href="/admin/signal-sources">
                    <Button type="primary">{t('toSources')}</Button>
                  </Link>
                }
              />
            )
          }
        />
      </Panel>
    </>
  );
}
