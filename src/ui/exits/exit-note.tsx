'use client';

import { useTranslations } from 'next-intl';
import type { ExitReason } from '@/contracts/api/exits';
import { useCode } from '../i18n/use-code';
import { useNow } from '../live/now';
import styles from './exits.module.css';
import { Reason } from './reason';

/** What keeps a position from being closed, what is known of it, and when it is tried again. */
export function ExitObstacle({ exit }: { exit: ExitReason }) {
  const t = useTranslations('exits');
  const hint = useTranslations('exitHints');
  const code = useCode();
  const next = useNextAttempt(exit);
  const reason = exit.obstacle ?? exit.code;
  const message = exit.obstacle === null ? exit.message : null;
  const both = reason !== null && message !== null && code(reason) !== reason;
  return (
    <div className={styles.obstacle}>
      {reason === null ? null : (
        <div>
          <Reason code={reason} message={message} />
        </div>
      )}
      {both ? <div className="quiet small">{message}</div> : null}
      <div className="quiet small">
        {reason !== null && hint.has(reason as never) ? <>{hint(reason as never)} </> : null}
        {exit.attempts > 0 && exit.obstacle === null ? <>{t('attempts', { count: exit.attempts })} </> : null}
        {next}
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
