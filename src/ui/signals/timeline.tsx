'use client';

import { useTranslations } from 'next-intl';
import type { SignalView } from '@/contracts/api/copying';
import { formatDuration } from '../format/numbers';
import { Clock } from '../shared/when';
import styles from './signal-page.module.css';

const STEPS = ['receivedAt', 'plannedAt', 'firstSentAt', 'lastAckAt', 'lastFilledAt'] as const;

/** The way of a signal in milliseconds since it was received. */
export function SignalTimeline({ timings }: Pick<SignalView, 'timings'>) {
  const t = useTranslations('signal.timeline');
  const from = Date.parse(timings.receivedAt);
  return (
    <ol className={styles.timeline}>
      {STEPS.map((step) => {
        const at = timings[step];
        return (
          <li key={step} data-reached={at !== null || undefined}>
            <span className={styles.stepName}>{t(step)}</span>
            <span className={`${styles.stepTime} num`}>
              {at === null
                ? '—'
                : step === 'receivedAt'
                  ? '0 ms'
                  : `+${formatDuration(Math.max(0, Date.parse(at) - from))}`}
            </span>
            <span className={styles.stepClock}>{at === null ? ' ' : <Clock at={at} />}</span>
          </li>
        );
      })}
    </ol>
  );
}
