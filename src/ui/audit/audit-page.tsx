'use client';

import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Drawer } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import type { AuditEntryView } from '@/contracts/api/identity';
import { call } from '../api/client';
import { useList } from '../api/lists';
import { useLabel } from '../i18n/use-label';
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
  const words = useActionWords();
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
    { title: t('action'), key: 'action', render: (_, row) => <Action entry={row} /> },
    {
      title: t('subject'),
      key: 'subject',
      render: (_, row) => <Subject entry={row} />,
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
            options={actions.map((value) => ({ value, label: words(value.replace('.', '_')) }))}
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
                <Action entry={row} />
                <When at={row.createdAt} />
              </div>
              <div className="quiet small">
                {who(row)} · {row.subjectName ?? shortSubject(row.subject)}
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
        title={opened === null ? null : <Action entry={opened} />}
      >
        {opened === null ? null : (
          <>
            <p>
              {who(opened)} · <When at={opened.createdAt} absolute />
            </p>
            <p>
              <Subject entry={opened} />
            </p>
            <details>
              <summary>{t('raw')}</summary>
              <p className="mono">
                {opened.action} · {opened.subject}
              </p>
              <CopyBox text={JSON.stringify(opened.detail, null, 2)} multiline />
              <h3>{t('hash')}</h3>
              <CopyBox text={opened.hash} />
            </details>
          </>
        )}
      </Drawer>
    </>
  );
}

/** Where what an entry is about is looked after. */
const PLACES: Readonly<Record<string, string>> = {
  strategy: '/admin/strategies',
  source: '/admin/signal-sources',
  account: '/admin/accounts',
  subscription: '/admin/subscriptions',
  channel: '/admin/notification-channels',
  token: '/admin/api-tokens',
};

function useActionWords(): (key: string) => string {
  return useLabel('auditActions');
}

/** What was done, in words; of a kill switch with its level. */
function Action({ entry: { action, detail } }: { entry: AuditEntryView }) {
  const words = useActionWords();
  const level = useLabel('killLevels');
  const key = action.replace('.', '_');
  return (
    <span>
      {words(key) === key ? action : words(key)}
      {action === 'kill_switch.set' && typeof detail.level === 'string' ? ` → ${level(detail.level)}` : null}
    </span>
  );
}

function Subject({ entry: { subject, subjectName } }: { entry: AuditEntryView }) {
  if (subjectName === null) return <span className="mono">{shortSubject(subject)}</span>;
  const [kind = '', id = ''] = subject.split(':');
  const href = kind === 'customer' ? `/admin/customers/${id}` : PLACES[kind];
  return href === undefined ? (
    <>{subjectName}</>
  ) : (
    <Link href={href} onClick={(event) => event.stopPropagation()}>
      {subjectName}
    </Link>
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
