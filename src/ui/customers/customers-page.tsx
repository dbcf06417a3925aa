'use client';

import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { CUSTOMER_STATUSES, type CustomerView } from '@/contracts/api/people';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { useLabel } from '../i18n/use-label';
import { Equity } from '../shared/equity';
import { Leverage } from '../shared/figures';
import { ChoiceFilter, FilterBar, SearchFilter } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { When } from '../shared/when';
import { CustomerForm } from './customer-form';

const FILTERS = ['search', 'status'] as const;

export function CustomersPage() {
  const t = useTranslations('customers');
  const c = useTranslations('common');
  const status = useTranslations('status');
  const kill = useLabel('killLevels');
  const router = useRouter();
  const { data: me } = useMe();
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const list = useList<CustomerView>('/customers', filters);
  const [creating, setCreating] = useState(false);
  const create =
    me?.actor.role === 'admin' ? (
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
        {t('new')}
      </Button>
    ) : undefined;

  const columns: Columns<CustomerView> = [
    {
      title: c('name'),
      key: 'name',
      render: (_, row) => (
        <>
          <Link href={`/admin/customers/${row.id}`}>{row.name}</Link>
          <div className="quiet small">{row.email ?? t('noLogin')}</div>
        </>
      ),
    },
    {
      title: c('status'),
      key: 'status',
      render: (_, row) => (
        <>
          <Status value={row.status} />
          {row.killSwitch === 'none' ? null : <div className="down small">{kill(row.killSwitch)}</div>}
        </>
      ),
    },
    {
      title: t('equity'),
      key: 'equity',
      align: 'right',
      render: (_, row) => <Equity value={row.equity} at={row.equityAt} />,
    },
    { title: t('accounts'), dataIndex: 'accounts', align: 'right', className: 'num' },
    { title: t('subscriptions'), dataIndex: 'subscriptions', align: 'right', className: 'num' },
    {
      title: t('maxLeverage'),
      key: 'leverage',
      align: 'right',
      render: (_, row) => <Leverage value={row.maxLeverage} />,
    },
    { title: c('created'), key: 'created', render: (_, row) => <When at={row.createdAt} /> },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={create} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ search: null, status: null })}>
          <SearchFilter
            label={t('search')}
            value={filters.search}
            onChange={(value) => setFilters({ search: value })}
          />
          <ChoiceFilter
            label={c('status')}
            value={filters.status}
            options={CUSTOMER_STATUSES.map((value) => ({ value, label: status(value) }))}
            onChange={(value) => setFilters({ status: value })}
          />
        </FilterBar>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          onOpen={(row) => router.push(`/admin/customers/${row.id}`)}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between' }}>
                <strong>{row.name}</strong>
                <Status value={row.status} />
              </div>
              <div style={{ display: 'flex', justifyContent: 'space-between' }} className="quiet small">
                <span>{row.email ?? t('noLogin')}</span>
                <Equity value={row.equity} at={row.equityAt} />
              </div>
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
      </Panel>
      {creating ? (
        <CustomerForm
          customer={null}
          close={() => setCreating(false)}
          done={(customer) => router.push(`/admin/customers/${customer.id}`)}
        />
      ) : null}
    </>
  );
}
