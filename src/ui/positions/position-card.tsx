'use client';

import { useTranslations } from 'next-intl';
import type { PositionView } from '@/contracts/api/copying';
import { ExitNote } from '../exits/exit-note';
import { Leverage, Pnl, Price, Size } from '../shared/figures';
import { Side } from '../shared/side';
import { DriftNote } from './drift-note';
import { Protection } from './protection';

const ROW = { display: 'flex', justifyContent: 'space-between', gap: 12 } as const;

/** A position as a phone shows it. */
export function PositionCard({ position, withCustomer = false }: { position: PositionView; withCustomer?: boolean }) {
  const t = useTranslations('positions');
  return (
    <>
      <div style={ROW}>
        <strong>{position.symbol}</strong>
        <Pnl value={position.unrealizedPnl} />
      </div>
      <div style={ROW}>
        <span>
          <Side value={position.side} />{' '}
          <Size contracts={position.quantity} base={position.quantityBase} symbol={position.symbol} /> ·{' '}
          <Leverage value={position.leverage} />
        </span>
        <span className="quiet small">
          {t('entry')} <Price value={position.averagePrice} symbol={position.symbol} />
        </span>
      </div>
      <div className="quiet small" style={ROW}>
        <span>
          {withCustomer ? `${position.customerName} · ` : ''}
          {position.strategyName}
        </span>
        <span>
          {t('mark')} <Price value={position.markPrice} symbol={position.symbol} />
        </span>
      </div>
      <DriftNote position={position} />
      {position.exit === null ? null : <ExitNote exit={position.exit} />}
      {position.protection === null ? null : <Protection position={position} inline />}
    </>
  );
}
