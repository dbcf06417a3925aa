'use client';

import { useTranslations } from 'next-intl';
import type { PositionView } from '@/contracts/api/copying';
import { ExitNote } from '../exits/exit-note';
import { Leverage, Pnl, Price, Size } from '../shared/figures';
import type { Columns } from '../shared/list-table';
import { Side } from '../shared/side';
import { When } from '../shared/when';
import { DriftNote } from './drift-note';
import { Protection } from './protection';

/** Columns of a list of positions. */
export function usePositionColumns(place: 'console' | 'portal'): Columns<PositionView> {
  const t = useTranslations('positions');
  const c = useTranslations('common');
  const columns: Columns<PositionView> = [
    {
      title: c('instrument'),
      key: 'instrument',
      render: (_, row) => (
        <>
          <span className="nowrap">{row.symbol}</span>
          <DriftNote position={row} />
          {row.exit === null ? null : <ExitNote exit={row.exit} />}
        </>
      ),
    },
    { title: t('side'), key: 'side', render: (_, row) => <Side value={row.side} /> },
    {
      title: c('size'),
      key: 'size',
      align: 'right',
      render: (_, row) => <Size contracts={row.quantity} base={row.quantityBase} symbol={row.symbol} />,
    },
    {
      title: t('entry'),
      key: 'entry',
      align: 'right',
      render: (_, row) => <Price value={row.averagePrice} symbol={row.symbol} />,
    },
    {
      title: t('mark'),
      key: 'mark',
      align: 'right',
      render: (_, row) => <Price value={row.markPrice} symbol={row.symbol} />,
    },
    {
      title: t('unrealized'),
      key: 'unrealized',
      align: 'right',
      render: (_, row) => <Pnl value={row.unrealizedPnl} currency={null} />,
    },
    {
      title: t('realized'),
      key: 'realized',
      align: 'right',
      render: (_, row) => <Pnl value={row.realizedPnl} currency={null} />,
    },
    {
      title: t('protection'),
      key: 'protection',
      align: 'right',
      render: (_, row) => <Protection position={row} />,
    },
    { title: c('leverage'), key: 'leverage', align: 'right', render: (_, row) => <Leverage value={row.leverage} /> },
    { title: t('opened'), key: 'opened', render: (_, row) => <When at={row.openedAt} /> },
  ];
  const strategy = { title: c('strategy'), dataIndex: 'strategyName' };
  if (place === 'portal') return [strategy, ...columns];
  return [{ title: c('customer'), dataIndex: 'customerName' }, strategy, ...columns];
}
