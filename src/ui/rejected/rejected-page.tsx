'use client';

import { Drawer } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { RejectedMessageView } from '@/contracts/api/copying';
import { useList } from '../api/lists';
import { useSourceOptions } from '../api/names';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { CopyBox } from '../shared/short-id';
import { useFilters } from '../shared/use-filters';
import { When } from '../shared/when';

const FILTERS = ['sourceId'] as const;

export function RejectedPage() {
  const t = useTranslations('rejectedMessages');
  const c = useTranslations('common');
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const list = useList<RejectedMessageView>('/rejected-messages', filters);
  const { options, loading } = useSourceOptions();
  const nameOf = (id: string) => options.find((option) => option.value === id)?.label ?? '';
  const [opened, setOpened] = useState<RejectedMessageView | null>(null);
  const columns: Columns<RejectedMessageView> = [
    { title: t('received'), key: 'time', render: (_, row) => <When at={row.receivedAt} /> },
    { title: t('source'), key: 'source', render: (_, row) => nameOf(row.sourceId) },
    {
      title: t('problem'),
      key: 'problem',
      render: (_, row) => (
        <>
          {row.message} <span className="quiet small mono">{row.code}</span>
        </>
      ),
    },
    {
      title: t('field'),
      key: 'field',
      render: (_, row) => (row.field === null ? '—' : <span className="mono">{row.field}</span>),
    },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ sourceId: null })}>
          <ChoiceFilter
            label={t('source')}
            value={filters.sourceId}
            options={options}
            loading={loading}
            onChange={(value) => setFilters({ sourceId: value })}
          />
        </FilterBar>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          onOpen={setOpened}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between', gap: 12 }}>
                <strong>{nameOf(row.sourceId)}</strong>
                <When at={row.receivedAt} />
              </div>
              <div>{row.message}</div>
              <div className="quiet small mono">{row.code}</div>
            </>
          )}
          empty={
            filtered ? (
              <EmptyHint title={c('noMatch')} hint={c('noMatchHint')} />
            ) : (
              <EmptyHint title={t('empty')} hint={t('emptyHint')} />
            )
          }
        />
      </Panel>
      <Drawer
        open={opened !== null}
        onClose={() => setOpened(null)}
        size="min(640px, 100vw)"
        title={opened === null ? null : nameOf(opened.sourceId)}
      >
        {opened === null ? null : (
          <>
            <p>
              {opened.message} <span className="quiet small mono">{opened.code}</span>
            </p>
            <p className="quiet">
              <When at={opened.receivedAt} absolute /> · {opened.contentType ?? '—'}
              {opened.field === null ? null : (
                <>
                  {' · '}
                  {t('field')}: <span className="mono">{opened.field}</span>
                </>
              )}
            </p>
            <h3>{t('body')}</h3>
            <CopyBox text={opened.rawBody} multiline />
          </>
        )}
      </Drawer>
    </>
  );
}
