'use client';

import { useTranslations } from 'next-intl';
import type { ReceiptView } from '@/contracts/api/copying';
import { formatDuration } from '../format/numbers';
import { useCode } from '../i18n/use-code';
import { Price } from '../shared/figures';
import { Move } from '../shared/side';
import { Status } from '../shared/status';
import { TradeSize } from '../trades/trade-size';

/** A receipt in a few lines. */
export function ReceiptBrief({ receipt }: { receipt: ReceiptView }) {
  const t = useTranslations('receipt');
  const code = useCode();
  return (
    <div>
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: 16 }}>
        <strong>{receipt.customerName}</strong>
        <Status value={receipt.state} />
      </div>
      {receipt.trades.map((trade) => (
        <div key={trade.id} className="small">
          <Move leg={trade.leg} side={trade.positionSide} /> <TradeSize trade={trade} />
          {trade.averagePrice === null ? null : (
            <>
              {' @ '}
              <Price value={trade.averagePrice} symbol={trade.symbol} />
            </>
          )}
          {trade.latencyMs === null ? null : (
            <span className="quiet">
              {' · '}
              {t('acked')} +{formatDuration(trade.latencyMs)}
            </span>
          )}
          {trade.code === null ? null : <div className="quiet">{trade.reason ?? code(trade.code)}</div>}
        </div>
      ))}
    </div>
  );
}
