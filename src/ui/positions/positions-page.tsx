'use client';

import { useTranslations } from 'next-intl';
import type { PositionView } from '@/contracts/api/copying';
import { useList } from '../api/lists';
import { useStrategyOptions } from '../api/names';
import { CustomerSelect } from '../shared/customer-select';
import { ChoiceFilter, FilterBar } from '../shared/filter-bar';
import { ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { useFilters } from '../shared/use-filters';
import { PositionCard } from './position-card';
import { usePositionColumns } from './position-columns';
import { positionKey } from './position-key';

const FILTERS = ['customerId', 'strategyId'] as const;

/** Open positions of everybody (console), or of the customer himself (portal). */
export function PositionsPage({ portal = false }: { portal?: boolean }) {
  const t = useTranslations('positions');
  const c = useTranslations('common');
  const p = useTranslations('portal.positions');
  const { filters, setFilters, filtered } = useFilters(FILTERS);
  const list = useList<PositionView>('/positions', filters);
  const strategies = useStrategyOptions(!portal);
  const columns = usePositionColumns(portal ? 'portal' : 'console');
  return (
    <>
      <PageHead title={t('title')} note={portal ? p('note') : t('note')} />
      <Panel flush>
        {portal ? null : (
          <FilterBar filtered={filtered} clear={() => setFilters({ customerId: null, strategyId: null })}>
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
          </FilterBar>
        )}
        <ListTable
          list={list}
          columns={columns}
          rowKey={positionKey}
          card={(row) => <PositionCard position={row} withCustomer={!portal} />}
          empty={
            filtered ? (
              <EmptyHint title={c('noMatch')} hint={c('noMatchHint')} />
            ) : (
              <EmptyHint title={t('empty')} hint={t('emptyHint')} />
            )
          }
        />
      </Panel>
    </>
  );
}
