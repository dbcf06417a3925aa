'use client';

import { PlusOutlined } from '@ant-design/icons';
import { Button, Popconfirm, Space } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SubscriptionView } from '@/contracts/api/copying';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { useStrategyOptions } from '../api/names';
import { formatDecimal, formatPercent } from '../format/numbers';
import { useLabel } from '../i18n/use-label';
import { CustomerSelect } from '../shared/customer-select';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { SubscriptionForm } from './subscription-form';
import { useChangeStatus } from './use-change-status';

const FILTERS = ['customerId', 'strategyId', 'status'] as const;
const STATUSES = ['active', 'paused', 'ended'] as const;

export function SubscriptionsPage() {
  const t = useTranslations('subscriptions');
  const c = useTranslations('common');
  const status = useTranslations('status');
  const { data: me } = useMe();
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const strategies = useStrategyOptions();
  const [creating, setCreating] = useState(false);
  const create =
    me?.actor.role === 'admin' ? (
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
        {t('new')}
      </Button>
    ) : undefined;
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={create} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ customerId: null, strategyId: null, status: null })}>
          <CustomerSelect
            placeholder={c('customer')}
            value={filters.customerId}
            onChange={(value) => setFilters({ customerId: value })}
          />
          <ChoiceFilter
            label={c('strategy')}
            value={filters.strategyId}
            options={strategies.options}
            loading={strategies.loading}
            onChange={(value) => setFilters({ strategyId: value })}
          />
          <ChoiceFilter
            label={c('status')}
            value={filters.status}
            options={STATUSES.map((value) => ({ value, label: status(value) }))}
            onChange={(value) => setFilters({ status: value })}
          />
        </FilterBar>
        <SubscriptionList query={filters} filtered={filtered} create={create} />
      </Panel>
      {creating ? (
        <SubscriptionForm
          subscription={null}
          customerId={null}
          title={t('new')}
          submitText={c('create')}
          saidWhenDone={c('saved')}
          close={() => setCreating(false)}
        />
      ) : null}
    </>
  );
}

type ListProps = {
  readonly query: { customerId: string; strategyId?: string; status?: string };
  readonly filtered: boolean;
  readonly create?: React.ReactNode;
  readonly withCustomer?: boolean;
};

/** Subscriptions with what can be done to them. */
export function SubscriptionList({ query, filtered, create, withCustomer = true }: ListProps) {
  const t = useTranslations('subscriptions');
  const c = useTranslations('common');
  const list = useList<SubscriptionView>('/subscriptions', query);
  const [editing, setEditing] = useState<SubscriptionView | null>(null);
  const settings = useSettingsText();
  const columns: Columns<SubscriptionView> = [
    ...(withCustomer
      ? [
          {
            title: c('customer'),
            key: 'customer',
            render: (_: unknown, row: SubscriptionView) => (
              <Link href={`/admin/customers/${row.customerId}`}>{row.customerName}</Link>
            ),
          },
        ]
      : []),
    { title: c('strategy'), dataIndex: 'strategyName' },
    { title: c('account'), dataIndex: 'accountLabel' },
    { title: t('settings'), key: 'settings', render: (_, row) => settings(row) },
    { title: c('status'), key: 'status', render: (_, row) => <Status value={row.status} /> },
    {
      title: '',
      key: 'actions',
      align: 'right',
      render: (_, row) => <Buttons row={row} edit={() => setEditing(row)} />,
    },
  ];
  return (
    <>
      <ListTable
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        card={(row) => (
          <>
            <div style={{ display: 'flex', justifyContent: 'space-between' }}>
              <strong>{withCustomer ? row.customerName : row.strategyName}</strong>
              <Status value={row.status} />
            </div>
            <div className="quiet small" style={{ marginBottom: 6 }}>
              {withCustomer ? `${row.strategyName} · ` : ''}
              {settings(row)}
            </div>
            <Buttons row={row} edit={() => setEditing(row)} />
          </>
        )}
        empty={
          filtered ? (
            <EmptyHint title={c('noMatch')} hint={c('noMatchHint')} />
          ) : (
            <EmptyHint title={t('empty')} hint={t('emptyHint')} action={create} />
          )
        }
      />
      {editing === null ? null : (
        <SubscriptionForm
          subscription={editing}
          customerId={editing.customerId}
          title={`${t('edit')} · ${editing.strategyName}`}
          submitText={c('save')}
          saidWhenDone={t('changed')}
          close={() => setEditing(null)}
        />
      )}
    </>
  );
}

function Buttons({ row, edit }: { row: SubscriptionView; edit: () => void }) {
  const t = useTranslations('subscriptions');
  const c = useTranslations('common');
  const change = useChangeStatus();
  if (row.status === 'ended') return null;
  const next = row.status === 'active' ? 'paused' : 'active';
  return (
    <Space wrap>
      <Button size="small" onClick={edit}>
        {c('edit')}
      </Button>
      <Button size="small" loading={change.isPending} onClick={() => change.mutate({ id: row.id, status: next })}>
        {row.status === 'active' ? t('pause') : t('resume')}
      </Button>
      <Popconfirm title={t('endConfirm')} onConfirm={() => change.mutate({ id: row.id, status: 'ended' })}>
        <Button size="small" danger>
          {t('end')}
        </Button>
      </Popconfirm>
    </Space>
  );
}

/** What a subscription sets for itself, in words; empty when that is only a ratio which is told elsewhere. */
export function useSettingsText(withRatio = true): (row: SubscriptionView) => string {
  const t = useTranslations('subscriptions');
  const sizing = useLabel('sizing');
  return (row) => {
    const parts = [
      row.sizingMode === null
        ? null
        : `${sizing(row.sizingMode)}${row.sizingValue === null ? '' : ` ${formatDecimal(row.sizingValue)}`}`,
      row.followRatio === null || !withRatio ? null : t('ratio', { value: formatDecimal(row.followRatio) }),
      row.maxLeverage === null ? null : t('leverageCap', { value: formatDecimal(row.maxLeverage) }),
      row.maxOrderShare === null ? null : t('orderCap', { value: formatPercent(row.maxOrderShare) }),
      row.forceMinimum ? t('forceMinimum') : null,
      row.reduceToCap ? t('reduceToCap') : null,
      row.reverse ? t('reverse') : null,
    ].filter((part) => part !== null);
    if (parts.length > 0) return parts.join(' · ');
    return row.followRatio === null ? t('strategyDefaults') : '';
  };
}
