'use client';

import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Drawer } from 'antd';
import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import type { AuditEntryView } from '@/contracts/api/identity';
import { call } from '../api/client';
import { useList } from '../api/lists';
import { useFailureNotice } from '../shared/failure';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { CopyBox } from '../shared/short-id';
import { useFilters } from '../shared/use-filters';
import { When } from '../shared/when';

type Verification = { entries: number; intact: boolean; brokenAt: string | null };
const FILTERS = ['action'] as const;

/** "customer:0190…" → "customer …1234abcd" */
function shortSubject(subject: string): string {
  return subject.replace(/:?([0-9a-f]{24})([0-9a-f]{8})/g, ' …$2');
}

export function AuditPage() {
  const t = useTranslations('audit');
  const c = useTranslations('common');
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const list = useList<AuditEntryView>('/audit-log', filters);
  const [opened, setOpened] = useState<AuditEntryView | null>(null);
  const actions = useSeenActions(list.rows, filters.action);
  const who = (row: AuditEntryView) =>
    row.actorName ?? (row.actor === 'system' ? t('system') : shortSubject(row.actor));
  const columns: Columns<AuditEntryView> = [
    { title: c('time'), key: 'time', render: (_, row) => <When at={row.createdAt} /> },
    { title: t('actor'), key: 'actor', render: (_, row) => who(row) },
    { title: t('action'), key: 'action', render: (_, row) => <span className="mono">{row.action}</span> },
    {
      title: t('subject'),
      key: 'subject',
      render: (_, row) => <span className="mono">{shortSubject(row.subject)}</span>,
    },
    {
      title: t('detail'),
      key: 'detail',
      ellipsis: true,
      width: 420,
      render: (_, row) => <span className="mono quiet">{JSON.stringify(row.detail)}</span>,
    },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={<VerifyButton />} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ action: null })}>
          <ChoiceFilter
            label={t('filter')}
            value={filters.action}
            options={actions.map((value) => ({ value, label: <span className="mono">{value}</span> }))}
            onChange={(action) => setFilters({ action })}
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
                <span className="mono">{row.action}</span>
                <When at={row.createdAt} />
              </div>
              <div className="quiet small">
                {who(row)} · {shortSubject(row.subject)}
              </div>
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
        size="min(560px, 100vw)"
        title={<span className="mono">{opened?.action}</span>}
      >
        {opened === null ? null : (
          <>
            <p>
              {who(opened)} · <When at={opened.createdAt} absolute />
            </p>
            <p className="mono">{opened.subject}</p>
            <h3>{t('detail')}</h3>
            <CopyBox text={JSON.stringify(opened.detail, null, 2)} multiline />
            <h3>{t('hash')}</h3>
            <CopyBox text={opened.hash} />
          </>
        )}
      </Drawer>
    </>
  );
}

/** Actions that were on the page so far: the choice of the filter, which narrows the rows to one of them. */
function useSeenActions(rows: readonly AuditEntryView[], chosen: string): readonly string[] {
  const seen = useRef(new Set<string>());
  for (const { action } of rows) seen.current.add(action);
  if (chosen !== '') seen.current.add(chosen);
  return [...seen.current].sort();
}

function VerifyButton() {
  const t = useTranslations('audit');
  const showFailure = useFailureNotice();
  const verify = useMutation({
    mutationFn: () => call<Verification>('GET', '/audit-log/verification'),
    onError: showFailure,
  });
  const answer = verify.data;
  return (
    <>
      {answer === undefined ? null : (
        <Alert
          type={answer.intact ? 'success' : 'error'}
          showIcon
          title={
            answer.intact
              ? t('intact', { count: answer.entries })
              : t('broken', { id: answer.brokenAt?.slice(-8) ?? '' })
          }
        />
      )}
      <Button loading={verify.isPending} onClick={() => verify.mutate()}>
        {t('verify')}
      </Button>
    </>
  );
}
