'use client';

import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Space } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { StrategyView } from '@/contracts/api/copying';
import { call } from '../api/client';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { useSourceOptions } from '../api/names';
import { formatDecimal } from '../format/numbers';
import { useLabel } from '../i18n/use-label';
import { useFailureNotice } from '../shared/failure';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { StrategyForm } from './strategy-form';

const FILTERS = ['signalSourceId', 'status'] as const;

export function StrategiesPage() {
  const t = useTranslations('strategies');
  const c = useTranslations('common');
  const status = useTranslations('status');
  const sizing = useLabel('sizing');
  const kill = useLabel('killLevels');
  const { data: me } = useMe();
  const admin = me?.actor.role === 'admin';
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const list = useList<StrategyView>('/strategies', filters);
  const sources = useSourceOptions();
  const [form, setForm] = useState<StrategyView | 'new' | null>(null);
  const toggle = useToggle();

  const create = admin ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setForm('new')}>
      {t('new')}
    </Button>
  ) : undefined;
  const buttons = (row: StrategyView) => (
    <Space>
      <Button size="small" onClick={() => setForm(row)}>
        {c('edit')}
      </Button>
      <Button
        size="small"
        loading={toggle.isPending && toggle.variables?.id === row.id}
        onClick={() => toggle.mutate(row)}
      >
        {row.status === 'active' ? t('pause') : t('resume')}
      </Button>
    </Space>
  );
  const columns: Columns<StrategyView> = [
    { title: c('name'), dataIndex: 'name', render: (name: string) => <strong className="nowrap">{name}</strong> },
    { title: t('source'), dataIndex: 'signalSourceName' },
    {
      title: t('sizing'),
      key: 'sizing',
      render: (_, row) => (
        <>
          {sizing(row.sizingMode)}
          {row.sizingValue === null ? null : <span className="num"> · {formatDecimal(row.sizingValue)}</span>}
        </>
      ),
    },
    {
      title: t('ratio'),
      key: 'ratio',
      align: 'right',
      render: (_, row) => <span className="num">{formatDecimal(row.followRatio)}</span>,
    },
    {
      title: t('leverage'),
      key: 'leverage',
      align: 'right',
      render: (_, row) => (
        <span className="num nowrap">
          {formatDecimal(row.defaultLeverage)}× / {formatDecimal(row.maxLeverage)}×
        </span>
      ),
    },
    { title: t('symbols'), key: 'symbols', render: (_, row) => row.symbols?.join(', ') ?? t('allSymbols') },
    { title: t('followers'), dataIndex: 'followers', align: 'right', className: 'num' },
    {
      title: c('status'),
      key: 'status',
      render: (_, row) => (
        <>
          <Status value={row.status} />
          {row.killSwitch === 'none' ? null : (
            <div className="small down">
              {t('killSwitch')}: {kill(row.killSwitch)}
            </div>
          )}
        </>
      ),
    },
    { title: '', key: 'actions', align: 'right', render: (_, row) => buttons(row) },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={create} />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ signalSourceId: null, status: null })}>
          <ChoiceFilter
            label={t('source')}
            value={filters.signalSourceId}
            options={sources.options}
            loading={sources.loading}
            onChange={(value) => setFilters({ signalSourceId: value })}
          />
          <ChoiceFilter
            label={c('status')}
            value={filters.status}
            options={(['active', 'paused'] as const).map((value) => ({ value, label: status(value) }))}
            onChange={(value) => setFilters({ status: value })}
          />
        </FilterBar>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          card={(row) => (
            <>
              <div style={{ display: 'flex', justifyContent: 'space-between' }}>
                <strong>{row.name}</strong>
                <Status value={row.status} />
              </div>
              <div className="quiet small" style={{ marginBottom: 6 }}>
                {sizing(row.sizingMode)} · {t('ratio')} {formatDecimal(row.followRatio)} ·{' '}
                {formatDecimal(row.maxLeverage)}× · {t('followers')} {row.followers}
              </div>
              {buttons(row)}
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
      {form === null ? null : <StrategyForm strategy={form === 'new' ? null : form} close={() => setForm(null)} />}
    </>
  );
}

function useToggle() {
  const t = useTranslations('strategies');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  return useMutation({
    mutationFn: ({ id, status }: StrategyView) =>
      call<StrategyView>('PATCH', `/strategies/${id}`, {
        body: { status: status === 'active' ? 'paused' : 'active' },
      }),
    onSuccess: async (strategy) => {
      await client.invalidateQueries({ queryKey: ['list', '/strategies'] });
      message.success(strategy.status === 'paused' ? t('paused') : t('resumed'));
    },
    onError: showFailure,
  });
}
