'use client';

import { useTranslations } from 'next-intl';
import type { FlattenProgress } from '@/contracts/api/safety';
import styles from './exits.module.css';
import { Reason } from './reason';

/** What a switch at "flatten" found, closed, and could not close and why. */
export function FlattenCounts({ progress }: { progress: FlattenProgress }) {
  const t = useTranslations('exits');
  const { found, closed, open, reasons } = progress;
  return (
    <div className={styles.counts}>
      {t('flattened', { found })}
      {found === 0 ? null : (
        <>
          {' '}
          <span className="num">{t('closedOf', { count: closed })}</span>
          {' · '}
          <strong className={`num ${open > 0 ? styles.held : ''}`}>{t('openOf', { count: open })}</strong>
        </>
      )}
      {reasons.length === 0 ? null : (
        <>
          <div className="quiet">{t('notClosable')}</div>
          <ul>
            {reasons.map((reason) => (
              <li key={reason.code}>
                <span className="num">{reason.count} × </span>
                <Reason code={reason.code} message={reason.message} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
