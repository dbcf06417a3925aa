'use client';

import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { NotificationChannelView } from '@/contracts/api/notifications';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { When } from '../shared/when';
import { ChannelActions } from './channel-actions';
import { ChannelForm } from './channel-form';

const LANGUAGES = { zh: '中文', en: 'English' } as const;

/** Channels of the tenant and of customers (console). */
export function ChannelsPage() {
  const t = useTranslations('channels');
  const c = useTranslations('common');
  const { data: me } = useMe();
  const admin = me?.actor.role === 'admin';
  const list = useList<NotificationChannelView>('/notification-channels');
  const [form, setForm] = useState<NotificationChannelView | 'new' | null>(null);
  const create = admin ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setForm('new')}>
      {t('new')}
    </Button>
  ) : undefined;
  const health = (row: NotificationChannelView) => (
    <>
      <Status value={row.enabled ? row.health : 'paused'} />
      {row.lastError === null ? null : <div className="quiet small">{row.lastError}</div>}
    </>
  );
  const columns: Columns<NotificationChannelView> = [
    { title: c('name'), dataIndex: 'name', render: (name: string) => <strong>{name}</strong> },
    { title: t('kind'), key: 'kind', render: (_, row) => t(`kinds.${row.kind}`) },
    { title: t('scope'), key: 'scope', render: (_, row) => row.customerName ?? t('everything') },
    { title: t('locale'), key: 'locale', render: (_, row) => LANGUAGES[row.locale] },
    { title: t('health'), key: 'health', render: (_, row) => health(row) },
    { title: t('waiting'), dataIndex: 'waiting', align: 'right', className: 'num' },
    {
      title: t('lastSent'),
      key: 'sent',
      render: (_, row) => (row.lastSentAt === null ? c('never') : <When at={row.lastSentAt} />),
    },
    {
      title: '',
      key: 'actions',
      align: 'right',
      render: (_, row) => (admin ? <ChannelActions channel={row} edit={() => setForm(row)} /> : null),
    },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={create} />
      <Panel flush>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between' }}>
                <strong>{row.name}</strong>
                {health(row)}
              </div>
              <div className="quiet small" style={{ marginBottom: 6 }}>
                {t(`kinds.${row.kind}`)} · {row.customerName ?? t('everything')} · {LANGUAGES[row.locale]}
              </div>
              {admin ? <ChannelActions channel={row} edit={() => setForm(row)} /> : null}
            </>
          )}
          empty={<EmptyHint title={t('empty')} hint={t('emptyHint')} action={create} />}
        />
      </Panel>
      {form === null ? null : <ChannelForm channel={form === 'new' ? null : form} close={() => setForm(null)} />}
    </>
  );
}
