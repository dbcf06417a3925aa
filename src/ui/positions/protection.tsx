'use client';

import { Tooltip } from 'antd';
import { useTranslations } from 'next-intl';
import type { PositionView } from '@/contracts/api/copying';
import { useCode } from '../i18n/use-code';
import { Price } from '../shared/figures';

/** Take-profit over stop-loss of a position, and a word when they do not stand at the venue as they should. */
export function Protection({ position, inline = false }: { position: PositionView; inline?: boolean }) {
  const t = useTranslations('positions');
  const code = useCode();
  const { protection, symbol } = position;
  if (protection === null) return <span className="quiet small">{t('noProtection')}</span>;
  const { state, stopPrice, takePrice } = protection;
  const rows = [
    { name: t('takeShort'), price: takePrice },
    { name: t('stopShort'), price: stopPrice },
  ].filter(({ price }) => price !== null);
  return (
    <span
      className="small"
      style={{ display: 'inline-flex', gap: inline ? 8 : 0, flexDirection: inline ? 'row' : 'column' }}
    >
      {rows.map(({ name, price }) => (
        <span key={name} className="nowrap">
          <span className="quiet">{name}</span> <Price value={price} symbol={symbol} />
        </span>
      ))}
      {state === 'standing' ? null : (
        <Tooltip title={protection.code === null ? undefined : code(protection.code)}>
          <span className={state === 'pending' ? 'quiet' : 'down'}>{t(`${state}Protection`)}</span>
        </Tooltip>
      )}
    </span>
  );
}
