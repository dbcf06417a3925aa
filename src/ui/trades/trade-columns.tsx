'use client';

import { Tooltip } from 'antd';
import { useTranslations } from 'next-intl';
import type { TradeView } from '@/contracts/api/copying';
import { useCode } from '../i18n/use-code';
import { Leverage, Pnl, Price, Slippage } from '../shared/figures';
import type { Columns } from '../shared/list-table';
import { ShortId } from '../shared/short-id';
import { Move } from '../shared/side';
import { Status } from '../shared/status';
import { When } from '../shared/when';
import { TradeSize } from './trade-size';

/** Columns of a list of trades. */
export function useTradeColumns(place: 'console' | 'portal'): Columns<TradeView> {
  const t = useTranslations('trades');
  const c = useTranslations('common');
  const s = useTranslations('signal');
  const code = useCode();
  const everywhere: Columns<TradeView> = [
    { title: c('instrument'), dataIndex: 'symbol', className: 'nowrap' },
    { title: t('move'), key: 'move', render: (_, row) => <Move leg={row.leg} side={row.positionSide} /> },
    {
      title: c('size'),
      key: 'size',
      align: 'right',
      render: (_, row) => <TradeSize trade={row} />,
    },
    {
      title: c('status'),
      key: 'status',
      render: (_, row) =>
        row.code === null ? (
          <Status value={row.status} />
        ) : (
          <Tooltip title={row.reason ?? code(row.code)}>
            <span>
              <Status value={row.status} />
              <div className="quiet small nowrap">{code(row.code)}</div>
            </span>
          </Tooltip>
        ),
    },
    {
      title: t('average'),
      key: 'average',
      align: 'right',
      render: (_, row) => <Price value={row.averagePrice} symbol={row.symbol} />,
    },
    {
      title: t('pnl'),
      key: 'pnl',
      align: 'right',
      render: (_, row) => (row.leg !== 'open' ? <Pnl value={row.realizedPnl} currency={null} /> : null),
    },
  ];
  const time: Columns<TradeView>[number] = {
    title: c('time'),
    key: 'time',
    render: (_, row) => <When at={row.createdAt} />,
  };
  const strategy: Columns<TradeView>[number] = { title: c('strategy'), dataIndex: 'strategyName' };
  if (place === 'portal') return [time, strategy, ...everywhere];
  return [
    time,
    { title: c('customer'), dataIndex: 'customerName' },
    strategy,
    ...everywhere,
    {
      title: c('leverage'),
      key: 'leverage',
      align: 'right',
      render: (_, row) => <Leverage value={row.leverage} />,
    },
    { title: s('slippage'), key: 'slippage', align: 'right', render: (_, row) => <Slippage value={row.slippage} /> },
    { title: 'ID', key: 'id', render: (_, row) => <ShortId id={row.id} /> },
  ];
}
