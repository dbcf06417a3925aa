'use client';

import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SignalSourceView } from '@/contracts/api/copying';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { useLabel } from '../i18n/use-label';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { When } from '../shared/when';
import { SourceDrawer } from './source-drawer';
import { SourceForm } from './source-form';

const FILTERS = ['source'] as const;

export function SourcesPage() {
  const t = useTranslations('sources');
  const c = useTranslations('common');
  const format = useLabel('formats');
  const { data: me } = useMe();
  const admin = me?.actor.role === 'admin';
  const list = useList<SignalSourceView>('/signal-sources');
  const { filters, setFilters } = useFilters(FILTERS);
  const [creating, setCreating] = useState(false);
  const opened = list.rows.find((row) => row.id === filters.source) ?? null;

  const create = admin ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t('new')}
    </Button>
  ) : undefined;
  const columns: Columns<SignalSourceView> = [
    { title: c('name'), dataIndex: 'name', render: (name: string) => <strong>{name}</strong> },
    {
      title: t('format'),
      key: 'format',
      render: (_, row) => (
        <>
          {format(row.format)}
          {row.usdMeansUsdt ? <div className="quiet small">{t('usdMeansUsdt')}</div> : null}
        </>
      ),
    },
    { title: t('signature'), key: 'signed', render: (_, row) => (row.signed ? t('signed') : t('unsigned')) },
    {
      title: t('allowedIps'),
      key: 'ips',
      render: (_, row) => (row.allowedIps === null ? c('any') : row.allowedIps.join(', ')),
    },
    { title: t('lastSignal'), key: 'last', render: (_, row) => <When at={row.lastSignalAt} /> },
    { title: c('status'), key: 'status', render: (_, row) => <Status value={row.enabled ? 'active' : 'paused'} /> },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={create} />
      <Panel flush>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          onOpen={(row) => setFilters({ source: row.id })}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between' }}>
                <strong>{row.name}</strong>
                <Status value={row.enabled ? 'active' : 'paused'} />
              </div>
              <div className="quiet small">
                {format(row.format)} · {t('lastSignal')}: <When at={row.lastSignalAt} />
              </div>
            </>
          )}
          empty={<EmptyHint title={t('empty')} hint={t('emptyHint')} action={create} />}
        />
      </Panel>
      {creating ? (
        <SourceForm
          source={null}
          close={() => setCreating(false)}
          done={(source) => {
            setCreating(false);
            setFilters({ source: source.id });
          }}
        />
      ) : null}
      <SourceDrawer source={opened} admin={admin} close={() => setFilters({ source: null })} />
    </>
  );
}
