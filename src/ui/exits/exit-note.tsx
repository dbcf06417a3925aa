'use client';

import { useTranslations } from 'next-intl';
import type { ExitReason } from '@/contracts/api/exits';
import { useLabel } from '../i18n/use-label';
import { useNow } from '../live/now';
import styles from './exits.module.css';

/** What keeps a position from being closed, what is known of it, and when it is tried again. */
export function ExitObstacle({ exit }: { exit: ExitReason }) {
  const t = useTranslations('exits');
  const hint = useTranslations('exitHints');
  const code = useLabel('codes');
  const reason = exit.obstacle ?? exit.code;
  const next = useNextAttempt(exit);
  const words = reason === null ? null : code(reason);
  // The venue's own words for a code that has none of ours.
  const message = exit.obstacle === null && exit.message !== null && exit.message !== '' ? exit.message : null;
  return (
    <div className={styles.obstacle}>
      {reason === null || words === null ? null : (
        <div>
          {words === reason && message !== null ? message : words}
          {words === reason && message === null ? null : <span className={`quiet ${styles.code}`}> {reason}</span>}
        </div>
      )}
      {words !== reason && message !== null ? <div className="quiet small">{message}</div> : null}
      <div className="quiet small">
        {reason !== null && hint.has(reason as never) ? <>{hint(reason as never)} </> : null}
        {next === null ? null : <span className="nowrap">{next}</span>}
        {exit.attempts > 0 && exit.obstacle === null ? (
          <span className="nowrap">
            {' · '}
            {t('attempts', { count: exit.attempts })}
          </span>
        ) : null}
      </div>
    </div>
  );
}

/** Of a position that has to go: that it has to, why, and what is in the way. */
export function ExitNote({ exit }: { exit: ExitReason }) {
  const t = useTranslations('exits');
  const cause = useTranslations('exitCauses');
  return (
    <div className={styles.note}>
      <div>
        <strong>{t(exit.cause === 'share' ? 'partToGo' : 'toGo')}</strong> · {cause(exit.cause)}
      </div>
      <ExitObstacle exit={exit} />
    </div>
  );
}

/** Null where nothing is tried for now. */
function useNextAttempt({ obstacle, nextAttemptAt }: ExitReason): string | null {
  const t = useTranslations('exits');
  const now = useNow();
  if (obstacle !== null) return null;
  if (nextAttemptAt === null) return t('closing');
  const seconds = Math.max(0, Math.ceil((new Date(nextAttemptAt).getTime() - now) / 1000));
  return seconds < 120 ? t('nextIn', { seconds }) : t('nextInMinutes', { minutes: Math.round(seconds / 60) });
}
