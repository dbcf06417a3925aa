'use client';

import { Grid, Table } from 'antd';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import type { ReceiptView } from '@/contracts/api/copying';
import { formatDuration } from '../format/numbers';
import { useCode } from '../i18n/use-code';
import { ReceiptBrief } from '../receipts/receipt-brief';
import { Price, Size, Slippage } from '../shared/figures';
import type { Columns } from '../shared/list-table';
import list from '../shared/list-table.module.css';
import { Move } from '../shared/side';
import { Status } from '../shared/status';
import { useFlashing } from '../shared/use-flashing';

type Row = ReceiptView['trades'][number] & { readonly receipt: ReceiptView };
type Props = {
  readonly receipts: readonly ReceiptView[];
  readonly loading: boolean;
  readonly onOpen: (receipt: ReceiptView) => void;
};

/** More rows than this are drawn only as far as they are seen. */
const VIRTUAL_FROM = 80;

/** One line a trade; a reversal has two. */
export function ReceiptsTable({ receipts, loading, onOpen }: Props) {
  const t = useTranslations('signal');
  const c = useTranslations('common');
  const r = useTranslations('receipt');
  const code = useCode();
  const phone = Grid.useBreakpoint().md === false;
  const rows = useMemo(
    () => receipts.flatMap((receipt) => receipt.trades.map((trade): Row => ({ ...trade, receipt }))),
    [receipts],
  );
  const trades = useMemo(() => receipts.flatMap((receipt) => receipt.trades), [receipts]);
  const flashing = useFlashing(trades, (trade) => trade.id);

  if (phone) {
    return (
      <ul className={list.cards}>
        {receipts.slice(0, 200).map((receipt) => (
          <li key={receipt.subscriptionId}>
            <button type="button" onClick={() => onOpen(receipt)}>
              <ReceiptBrief receipt={receipt} />
            </button>
          </li>
        ))}
      </ul>
    );
  }

  const columns: Columns<Row> = [
    { title: c('customer'), dataIndex: 'customerName', width: 140, ellipsis: true },
    { title: c('status'), key: 'status', width: 115, render: (_, row) => <Status value={row.status} /> },
    { title: c('strategy'), dataIndex: 'strategyName', width: 125, ellipsis: true },
    {
      title: r('type'),
      key: 'move',
      width: 110,
      render: (_, row) => <Move leg={row.leg} side={row.positionSide} />,
    },
    {
      title: c('size'),
      key: 'size',
      align: 'right',
      width: 120,
      render: (_, row) => <Size contracts={row.quantity} base={row.quantityBase} symbol={row.symbol} />,
    },
    {
      title: r('averagePrice'),
      key: 'price',
      align: 'right',
      width: 110,
      render: (_, row) => <Price value={row.averagePrice} symbol={row.symbol} />,
    },
    {
      title: t('slippage'),
      key: 'slippage',
      align: 'right',
      width: 100,
      render: (_, row) => <Slippage value={row.slippage} />,
    },
    {
      title: t('latency'),
      key: 'latency',
      align: 'right',
      width: 90,
      render: (_, row) => <span className="num">{row.latencyMs === null ? '—' : formatDuration(row.latencyMs)}</span>,
    },
    {
      title: t('code'),
      key: 'reason',
      width: 230,
      ellipsis: true,
      render: (_, row) => (row.code === null ? null : <span title={row.reason ?? undefined}>{code(row.code)}</span>),
    },
  ];

  const virtual = rows.length > VIRTUAL_FROM;
  return (
    <Table<Row>
      size="small"
      loading={loading}
      columns={columns}
      dataSource={rows}
      rowKey="id"
      pagination={false}
      virtual={virtual}
      scroll={virtual ? { x: 1110, y: 560 } : { x: 1110 }}
      rowClassName={(row) => `row-link ${flashing.has(row.id) ? 'flash' : ''}`}
      onRow={(row) => ({
        tabIndex: 0,
        onClick: () => onOpen(row.receipt),
        onKeyDown: (event) => {
          if (event.key === 'Enter') onOpen(row.receipt);
        },
      })}
    />
  );
}
