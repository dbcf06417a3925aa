'use client';

import { WarningOutlined } from '@ant-design/icons';
import { useTranslations } from 'next-intl';
import type { PositionView } from '@/contracts/api/copying';
import { Size } from '../shared/figures';
import { When } from '../shared/when';
import styles from './positions.module.css';

/** Of a position that the exchange holds otherwise than we say: how, and since when. */
export function DriftNote({ position }: { position: PositionView }) {
  const t = useTranslations('positions');
  const { drift, symbol } = position;
  if (drift === null) return null;
  return (
    <div className={styles.drift} role="note">
      <strong>
        <WarningOutlined /> {t(`differs.${drift.kind}`)}
      </strong>
      <div className="small">
        {t('differsHeld')} <Size contracts={drift.held} base={drift.heldBase} symbol={symbol} /> · {t('differsBooked')}{' '}
        <Size contracts={drift.booked} base={drift.bookedBase} symbol={symbol} /> · <When at={drift.since} />
      </div>
    </div>
  );
}
