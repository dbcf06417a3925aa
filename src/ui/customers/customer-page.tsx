'use client';

import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Breadcrumb, Button, Popconfirm, Skeleton, Tabs } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { PositionView, TradeView } from '@/contracts/api/copying';
import type { CustomerView, ExchangeAccountView } from '@/contracts/api/people';
import { AccountCard } from '../accounts/account-card';
import { AccountForm } from '../accounts/account-form';
import accounts from '../accounts/accounts.module.css';
import { call } from '../api/client';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { formatPercent } from '../format/numbers';
import { useLabel } from '../i18n/use-label';
import { CustomerFigures } from '../overview/customer-figures';
import { usePositionColumns } from '../positions/position-columns';
import { positionKey } from '../positions/position-key';
import { ReceiptDrawer } from '../receipts/receipt-drawer';
import { FailureNote, useFailureNotice } from '../shared/failure';
import { Leverage, Money } from '../shared/figures';
import { ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { SubscriptionForm } from '../subscriptions/subscription-form';
import { SubscriptionList } from '../subscriptions/subscriptions-page';
import { useTradeColumns } from '../trades/trade-columns';
import { CustomerForm } from './customer-form';

const FILTERS = ['tab'] as const;
const TABS = ['overview', 'accounts', 'subscriptions', 'positions', 'trades'] as const;

/** Everything about one customer. */
export function CustomerPage({ id }: { id: string }) {
  const t = useTranslations('customers');
  const nav = useTranslations('nav');
  const { filters, setFilters } = useFilters(FILTERS);
  const {
    data: customer,
    error,
    refetch,
  } = useQuery({
    queryKey: ['customer', id],
    queryFn: ({ signal }) => call<CustomerView>('GET', `/customers/${id}`, { signal }),
  });
  if (error !== null) return <FailureNote error={error} retry={() => void refetch()} />;
  if (customer === undefined) return <Skeleton active paragraph={{ rows: 8 }} />;
  const content = {
    overview: <Overview customer={customer} />,
    accounts: <Accounts customer={customer} />,
    subscriptions: <Subscriptions customer={customer} />,
    positions: <Positions customerId={id} />,
    trades: <Trades customerId={id} />,
  } as const;
  return (
    <>
      <Breadcrumb
        items={[{ title: <Link href="/admin/customers">{nav('customers')}</Link> }, { title: customer.name }]}
      />
      <Head customer={customer} />
      <Tabs
        activeKey={TABS.find((tab) => tab === filters.tab) ?? 'overview'}
        onChange={(tab) => setFilters({ tab: tab === 'overview' ? null : tab })}
        destroyOnHidden
        items={TABS.map((key) => ({ key, label: t(`tabs.${key}`), children: content[key] }))}
      />
    </>
  );
}

function Head({ customer }: { customer: CustomerView }) {
  const t = useTranslations('customers');
  const c = useTranslations('common');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  const [editing, setEditing] = useState(false);
  const change = useMutation({
    mutationFn: (status: CustomerView['status']) =>
      call<CustomerView>('PATCH', `/customers/${customer.id}`, { body: { status } }),
    onSuccess: async () => {
      await Promise.all(
        [['customer'], ['list', '/customers']].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
      message.success(t('changed'));
    },
    onError: showFailure,
  });
  return (
    <>
      <PageHead
        title={customer.name}
        note={
          <>
            <Status value={customer.status} /> · {customer.email ?? t('noLogin')}
          </>
        }
        actions={
          <>
            {customer.status === 'active' ? (
              <Popconfirm title={t('suspendConfirm')} onConfirm={() => change.mutate('suspended')}>
                <Button danger loading={change.isPending}>
                  {t('suspend')}
                </Button>
              </Popconfirm>
            ) : (
              <Button loading={change.isPending} onClick={() => change.mutate('active')}>
                {t('activate')}
              </Button>
            )}
            <Button type="primary" onClick={() => setEditing(true)}>
              {c('edit')}
            </Button>
          </>
        }
      />
      {editing ? (
        <CustomerForm customer={customer} close={() => setEditing(false)} done={() => setEditing(false)} />
      ) : null}
    </>
  );
}

function Overview({ customer }: { customer: CustomerView }) {
  const t = useTranslations('customers');
  const kill = useLabel('killLevels');
  const share = (value: string | null) =>
    value === null ? t('productDefault') : t('ofEquity', { value: formatPercent(value) });
  return (
    <div className={accounts.cards}>
      <CustomerFigures customerId={customer.id} />
      <Panel title={t('limits')}>
        <dl className={accounts.facts} style={{ margin: 0 }}>
          <dt>{t('initialBalance')}</dt>
          <dd>
            <Money value={customer.initialBalance} />
          </dd>
          <dt>{t('maxLeverage')}</dt>
          <dd>
            <Leverage value={customer.maxLeverage} />
          </dd>
          <dt>{t('maxOrderShare')}</dt>
          <dd className="num">{share(customer.maxOrderShare)}</dd>
          <dt>{t('maxSymbolShare')}</dt>
          <dd className="num">{share(customer.maxSymbolShare)}</dd>
          <dt>{t('maxTotalShare')}</dt>
          <dd className="num">{share(customer.maxTotalShare)}</dd>
          <dt>{t('killSwitch')}</dt>
          <dd>{kill(customer.killSwitch)}</dd>
          {customer.note === null ? null : (
            <>
              <dt>{t('note_')}</dt>
              <dd style={{ whiteSpace: 'pre-wrap' }}>{customer.note}</dd>
            </>
          )}
        </dl>
      </Panel>
    </div>
  );
}

function Accounts({ customer }: { customer: CustomerView }) {
  const t = useTranslations('accounts');
  const p = useTranslations('portal.account');
  const { data: me } = useMe();
  const admin = me?.actor.role === 'admin';
  const list = useList<ExchangeAccountView>('/exchange-accounts', { customerId: customer.id });
  const [connecting, setConnecting] = useState(false);
  const connect = admin ? (
    <Button icon={<PlusOutlined />} onClick={() => setConnecting(true)}>
      {t('connect')}
    </Button>
  ) : null;
  return (
    <div className={accounts.cards}>
      {list.error === null ? null : <FailureNote error={list.error} />}
      {list.isPending ? <Skeleton active /> : null}
      {list.rows.map((account) => (
        <AccountCard key={account.id} account={account} mayChange={admin} customerId={customer.id} />
      ))}
      {!list.isPending && list.rows.length === 0 ? (
        <Panel>
          <EmptyHint title={p('empty')} action={connect} />
        </Panel>
      ) : (
        <div>{connect}</div>
      )}
      {connecting ? <AccountForm account={null} customerId={customer.id} close={() => setConnecting(false)} /> : null}
    </div>
  );
}

function Subscriptions({ customer }: { customer: CustomerView }) {
  const t = useTranslations('subscriptions');
  const c = useTranslations('common');
  const { data: me } = useMe();
  const [creating, setCreating] = useState(false);
  const create =
    me?.actor.role === 'admin' ? (
      <Button icon={<PlusOutlined />} onClick={() => setCreating(true)}>
        {t('new')}
      </Button>
    ) : null;
  return (
    <>
      <Panel flush>
        <SubscriptionList query={{ customerId: customer.id }} filtered={false} create={create} withCustomer={false} />
      </Panel>
      <div style={{ marginTop: 12 }}>{create}</div>
      {creating ? (
        <SubscriptionForm
          subscription={null}
          customerId={customer.id}
          title={`${t('new')} · ${customer.name}`}
          submitText={c('create')}
          saidWhenDone={c('saved')}
          close={() => setCreating(false)}
        />
      ) : null}
    </>
  );
}

function Positions({ customerId }: { customerId: string }) {
  const t = useTranslations('positions');
  const list = useList<PositionView>('/positions', { customerId });
  const columns = usePositionColumns('portal');
  return (
    <Panel flush>
      <ListTable
        list={list}
        columns={columns}
        rowKey={positionKey}
        empty={<EmptyHint title={t('empty')} hint={t('emptyHint')} />}
      />
    </Panel>
  );
}

function Trades({ customerId }: { customerId: string }) {
  const t = useTranslations('trades');
  const list = useList<TradeView>('/trades', { customerId });
  const columns = useTradeColumns('portal');
  const [opened, setOpened] = useState<TradeView | null>(null);
  return (
    <Panel flush>
      <ListTable
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={setOpened}
        empty={<EmptyHint title={t('empty')} hint={t('emptyHint')} />}
      />
      <ReceiptDrawer address={opened} close={() => setOpened(null)} />
    </Panel>
  );
}
