'use client';

import { useTranslations } from 'next-intl';
import type { SignalCounts } from '@/contracts/api/copying';
import { useLabel } from '../i18n/use-label';
import styles from './fan-out-map.module.css';

const ORDER = ['filled', 'partial', 'open', 'unknown', 'rejected', 'denied'] as const;

/** The fan-out of a signal as one bar: how many followers stand where. */
export function FanOutStrip({ counts }: { counts: SignalCounts }) {
  const t = useTranslations('signal.counts');
  const label = useLabel('status');
  const shown = ORDER.map((state) => ({ state, count: counts[state] })).filter(({ count }) => count > 0);
  const words = shown.map(({ state, count }) => `${label(state)} ${count}`).join(' · ');
  return (
    <div className={styles.strip} role="img" aria-label={`${t('total')} ${counts.total}: ${words}`} title={words}>
      {shown.map(({ state, count }) => (
        <i key={state} data-state={state} style={{ flexGrow: count }} />
      ))}
    </div>
  );
}
