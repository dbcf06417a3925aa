'use client';

import { useTranslations } from 'next-intl';
import type { SystemView } from '@/contracts/api/safety';
import { Panel } from '../shared/page-head';
import { When } from '../shared/when';
import styles from './system.module.css';

/** Who works, on what, and what waits. */
export function WorkersPanel({ view }: { view: SystemView }) {
  const t = useTranslations('system');
  const { workers, queue, events } = view;
  return (
    <Panel title={t('workers')}>
      {workers === null ? <p className={`quiet ${styles.none}`}>{t('noRedis')}</p> : null}
      {workers !== null && workers.length === 0 ? <p className={styles.alarm}>{t('noWorkers')}</p> : null}
      {workers === null || workers.length === 0 ? null : (
        <ul className={styles.list}>
          {workers.map((worker) => (
            <li key={worker.name}>
              <div className={styles.line}>
                <strong className="mono">{worker.name}</strong>
                <span className="quiet small">
                  {t('seen')} <When at={worker.seenAt} />
                </span>
              </div>
              <div className="quiet small num">
                {worker.streams === null ? t('streamsUnknown') : t('workerStreams', worker.streams)}
                {worker.signals === null ? null : ` · ${t('workerSignals', { count: worker.signals })}`}
              </div>
            </li>
          ))}
        </ul>
      )}
      <dl className={styles.facts}>
        <dt>{t('queue')}</dt>
        <dd className="num">{queue === null ? '—' : t('queueLengths', queue)}</dd>
        <dt>{t('events')}</dt>
        <dd className="num">{events === null ? '—' : events.length}</dd>
      </dl>
    </Panel>
  );
}
