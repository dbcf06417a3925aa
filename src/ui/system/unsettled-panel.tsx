'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import type { SystemView } from '@/contracts/api/safety';
import { useCode } from '../i18n/use-code';
import { Size } from '../shared/figures';
import { type Columns, ListTable } from '../shared/list-table';
import { Panel } from '../shared/page-head';
import { ShortId } from '../shared/short-id';
import { Move } from '../shared/side';
import { Status } from '../shared/status';
import { When } from '../shared/when';
import styles from './system.module.css';

type Unsettled = SystemView['unsettled'];
type Row = Unsettled['items'][number];

/** Which side of the position an order moves: a sell closes a long, and opens a short. */
function positionSide({ leg, side }: Row): 'long' | 'short' {
  return (leg === 'open') === (side === 'buy') ? 'long' : 'short';
}

/** Orders of which is not known yet how they end, the oldest first. */
export function UnsettledPanel({ unsettled }: { unsettled: Unsettled }) {
  const t = useTranslations('system');
  const c = useTranslations('common');
  const trades = useTranslations('trades');
  const code = useCode();
  const router = useRouter();
  const columns: Columns<Row> = [
    { title: t('since'), key: 'time', render: (_, row) => <When at={row.createdAt} /> },
    { title: c('customer'), dataIndex: 'customerName' },
    { title: c('instrument'), dataIndex: 'symbol', className: 'nowrap' },
    { title: trades('move'), key: 'move', render: (_, row) => <Move leg={row.leg} side={positionSide(row)} /> },
    {
      title: c('size'),
      key: 'size',
      align: 'right',
      render: (_, row) => <Size contracts={row.quantity} symbol={row.symbol} />,
    },
    {
      title: trades('filled'),
      key: 'filled',
      align: 'right',
      render: (_, row) => <Size contracts={row.filledQuantity} symbol={row.symbol} />,
    },
    {
      title: c('status'),
      key: 'status',
      render: (_, row) => (
        <>
          <Status value={row.status} />
          {row.code === null ? null : <div className="quiet small">{code(row.code)}</div>}
        </>
      ),
    },
    { title: t('lastNews'), key: 'updated', render: (_, row) => <When at={row.updatedAt} /> },
    { title: 'ID', key: 'id', render: (_, row) => <ShortId id={row.id} /> },
  ];
  const { items, count } = unsettled;
  return (
    <Panel
      title={t('unsettledTitle')}
      extra={count > items.length ? <span className="quiet small">{t('shown', { count: items.length })}</span> : null}
      flush
      className={styles.below}
    >
      <ListTable
        list={{
          rows: items,
          isPending: false,
          error: null,
          hasNextPage: false,
          isFetchingNextPage: false,
          fetchNextPage: () => undefined,
          refetch: () => undefined,
        }}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => router.push(`/admin/signals/${row.signalId}`)}
        card={(row) => (
          <>
            <div className={styles.line}>
              <strong>{row.symbol}</strong>
              <Status value={row.status} />
            </div>
            <div>
              <Move leg={row.leg} side={positionSide(row)} /> <Size contracts={row.quantity} symbol={row.symbol} />
            </div>
            <div className={`quiet small ${styles.line}`}>
              <span>{row.customerName}</span>
              <When at={row.createdAt} />
            </div>
          </>
        )}
        empty={<p className={`quiet ${styles.nothing}`}>{t('unsettledEmpty')}</p>}
      />
    </Panel>
  );
}
