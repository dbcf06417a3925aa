'use client';

import { Drawer } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { useCode } from '../i18n/use-code';
import { useLabel } from '../i18n/use-label';
import { CustomerSelect } from '../shared/customer-select';
import { Equity } from '../shared/equity';
import { Money } from '../shared/figures';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { When } from '../shared/when';
import { AccountCard } from './account-card';

const FILTERS = ['customerId', 'health', 'account'] as const;
const HEALTHS = ['healthy', 'limited', 'failing', 'unchecked'] as const;

export function AccountsPage() {
  const t = useTranslations('accounts');
  const c = useTranslations('common');
  const status = useTranslations('status');
  const mode = useLabel('modes');
  const venue = useLabel('venues');
  const codes = useCode();
  const { data: me } = useMe();
  const { filters, setFilters } = useFilters(FILTERS);
  const { customerId, health, account } = filters;
  const filtered = customerId !== '' || health !== '';
  const list = useList<ExchangeAccountView>('/exchange-accounts', { customerId, health });
  const opened = list.rows.find((row) => row.id === account);

  const columns: Columns<ExchangeAccountView> = [
    {
      title: c('customer'),
      key: 'customer',
      render: (_, row) => (
        <Link href={`/admin/customers/${row.customerId}`} onClick={(event) => event.stopPropagation()}>
          {row.customerName}
        </Link>
      ),
    },
    { title: t('label'), dataIndex: 'label' },
    { title: t('venue'), key: 'venue', render: (_, row) => venue(row.venue) },
    { title: t('mode'), key: 'mode', render: (_, row) => mode(row.mode) },
    { title: t('key'), key: 'key', render: (_, row) => <span className="mono">…{row.keyHint}</span> },
    {
      title: t('health'),
      key: 'health',
      render: (_, row) => (
        <>
          <Status value={row.health} />
          {row.healthCode === null ? null : <div className="quiet small">{codes(row.healthCode)}</div>}
        </>
      ),
    },
    {
      title: t('equity'),
      key: 'equity',
      align: 'right',
      render: (_, row) => <Equity value={row.equity} at={row.equityAt} />,
    },
    { title: t('available'), key: 'available', align: 'right', render: (_, row) => <Money value={row.available} /> },
    { title: t('checked'), key: 'checked', render: (_, row) => <When at={row.checkedAt} /> },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ customerId: null, health: null })}>
          <CustomerSelect
            placeholder={c('customer')}
            value={customerId}
            onChange={(value) => setFilters({ customerId: value })}
          />
          <ChoiceFilter
            label={t('health')}
            value={health}
            options={HEALTHS.map((value) => ({ value, label: status(value) }))}
            onChange={(value) => setFilters({ health: value })}
          />
        </FilterBar>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          onOpen={(row) => setFilters({ account: row.id })}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between' }}>
                <strong>{row.customerName}</strong>
                <Status value={row.health} />
              </div>
              <div style={{ display: 'flex', justifyContent: 'space-between' }} className="quiet small">
                <span>
                  {row.label} · {mode(row.mode)}
                </span>
                <Equity value={row.equity} at={row.equityAt} />
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
        open={opened !== undefined}
        onClose={() => setFilters({ account: null })}
        size="min(820px, 100vw)"
        title={opened?.customerName}
        destroyOnHidden
      >
        {opened === undefined ? null : (
          <AccountCard account={opened} mayChange={me?.actor.role === 'admin'} customerId={opened.customerId} />
        )}
      </Drawer>
    </>
  );
}
