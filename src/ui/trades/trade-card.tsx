'use client';

import type { TradeView } from '@/contracts/api/copying';
import { useCode } from '../i18n/use-code';
import { Pnl, Price } from '../shared/figures';
import { Move } from '../shared/side';
import { Status } from '../shared/status';
import { When } from '../shared/when';
import { TradeSize } from './trade-size';

const ROW = { display: 'flex', justifyContent: 'space-between', gap: 12, flexWrap: 'wrap' } as const;

/** A trade as a phone shows it. */
export function TradeCard({ trade, withCustomer = false }: { trade: TradeView; withCustomer?: boolean }) {
  const code = useCode();
  return (
    <>
      <div style={ROW}>
        <strong>{trade.symbol}</strong>
        <Status value={trade.status} />
      </div>
      <div style={ROW}>
        <span>
          <Move leg={trade.leg} side={trade.positionSide} /> <TradeSize trade={trade} />
          {trade.averagePrice === null ? null : (
            <>
              {' @ '}
              <Price value={trade.averagePrice} symbol={trade.symbol} />
            </>
          )}
        </span>
        {trade.leg !== 'open' && trade.averagePrice !== null ? <Pnl value={trade.realizedPnl} /> : null}
      </div>
      {trade.code === null ? null : <div className="small">{trade.reason ?? code(trade.code)}</div>}
      <div className="quiet small" style={ROW}>
        <span>
          {withCustomer ? `${trade.customerName} · ` : ''}
          {trade.strategyName}
        </span>
        <When at={trade.createdAt} />
      </div>
    </>
  );
}
