'use client';

import { Tooltip } from 'antd';
import { useTranslations } from 'next-intl';
import { useLive } from '../live/live-provider';
import { useNow } from '../live/now';
import { useAge } from '../shared/when';
import styles from './shell.module.css';

/** Whether what is on the screen is up to date, and how old the last push is. */
export function LiveDot() {
  const t = useTranslations('shell.live');
  const { state, lastEventAt } = useLive();
  const now = useNow();
  const age = useAge();
  const last = lastEventAt === null ? t('noEvent') : t('lastEvent', { age: age(Math.min(lastEventAt, now), now) });
  return (
    <Tooltip title={`${t(`${state}Long`)} ${last}`}>
      <span className={styles.live} role="status" data-live={state}>
        <span className={styles.dot} data-state={state} />
        <span className={styles.liveWords}>
          {t(state)}
          {state === 'live' && lastEventAt !== null ? ` · ${age(Math.min(lastEventAt, now), now)}` : ''}
        </span>
      </span>
    </Tooltip>
  );
}
