'use client';

import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslations } from 'next-intl';
import type { TradeView } from '@/contracts/api/copying';
import { TRADE_STATUSES } from '@/domain/order-state';
import { apiUrl, call } from '../api/client';
import { useList } from '../api/lists';
import { useStrategyOptions } from '../api/names';
import { type ReceiptAddress, ReceiptDrawer } from '../receipts/receipt-drawer';
import { CustomerSelect } from '../shared/customer-select';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { useFilters } from '../shared/use-filters';
import { TradeCard } from './trade-card';
import { useTradeColumns } from './trade-columns';

const FILTERS = ['customerId', 'strategyId', 'status', 'trade'] as const;

/** The trades of everybody (console), or of the customer himself (portal). */
export function TradesPage({ portal = false }: { portal?: boolean }) {
  const t = useTranslations('trades');
  const c = useTranslations('common');
  const p = useTranslations('portal.trades');
  const status = useTranslations('status');
  const { filters, setFilters } = useFilters(FILTERS);
  const { customerId, strategyId, status: wanted } = filters;
  const query = { customerId, strategyId, status: wanted };
  const filtered = customerId !== '' || strategyId !== '' || wanted !== '';
  const list = useList<TradeView>('/trades', query);
  const strategies = useStrategyOptions();
  const columns = useTradeColumns(portal ? 'portal' : 'console');
  const opened = useOpenedTrade(filters.trade, list.rows);

  return (
    <>
      <PageHead
        title={t('title')}
        note={portal ? p('note') : t('note')}
        actions={
          <Button icon={<DownloadOutlined />} href={apiUrl('/trades', { ...query, format: 'csv' })} download>
            {c('csv')}
          </Button>
        }
      />
      <Panel flush>
        <FilterBar filtered={filtered} clear={() => setFilters({ customerId: null, strategyId: null, status: null })}>
          {portal ? null : (
            <CustomerSelect
              placeholder={c('customer')}
              value={customerId}
              onChange={(value) => setFilters({ customerId: value })}
            />
          )}
          <ChoiceFilter
            label={c('strategy')}
            value={strategyId}
            options={strategies.options}
            loading={strategies.loading}
            onChange={(value) => setFilters({ strategyId: value })}
          />
          <ChoiceFilter
            label={c('status')}
            value={wanted}
            options={TRADE_STATUSES.map((value) => ({ value, label: status(value) }))}
            onChange={(value) => setFilters({ status: value })}
          />
        </FilterBar>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          onOpen={(row) => setFilters({ trade: row.id })}
          card={(row) => <TradeCard trade={row} withCustomer={!portal} />}
          empty={
            filtered ? (
              <EmptyHint title={c('noMatch')} hint={c('noMatchHint')} />
            ) : (
              <EmptyHint title={t('empty')} hint={t('emptyHint')} />
            )
          }
        />
      </Panel>
      <ReceiptDrawer address={opened} close={() => setFilters({ trade: null })} />
    </>
  );
}

/** The receipt of the trade in the address; the trade itself may be on no page that is loaded. */
function useOpenedTrade(id: string, rows: readonly TradeView[]): ReceiptAddress | null {
  const known = rows.find((row) => row.id === id);
  const { data } = useQuery({
    queryKey: ['trade', id],
    enabled: id !== '' && known === undefined,
    queryFn: ({ signal }) => call<TradeView>('GET', `/trades/${id}`, { signal }),
  });
  if (id === '') return null;
  return known ?? data ?? null;
}
