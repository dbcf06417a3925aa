'use client';

import { useTranslations } from 'next-intl';
import type { SystemView } from '@/contracts/api/safety';
import { useLabel } from '../i18n/use-label';
import { Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { Clock, When } from '../shared/when';
import styles from './system.module.css';

type Breaker = NonNullable<SystemView['breakers']>[number];

/** Whether the venues answer: each as every worker finds it, in one line where they agree. */
export function VenuesPanel({ breakers, workers }: { breakers: SystemView['breakers']; workers: number }) {
  const t = useTranslations('system');
  const groups = new Map<string, Breaker[]>();
  for (const breaker of breakers ?? []) {
    const key = `${breaker.venue}|${breaker.mode}`;
    groups.set(key, [...(groups.get(key) ?? []), breaker]);
  }
  return (
    <Panel title={t('venues')}>
      {breakers === null ? <p className={`quiet ${styles.none}`}>{t('noRedis')}</p> : null}
      {breakers !== null && breakers.length === 0 ? (
        <p className={`quiet ${styles.none}`}>{workers === 0 ? t('venuesUnwatched') : t('venuesUnused')}</p>
      ) : null}
      {groups.size === 0 ? null : (
        <ul className={styles.list}>
          {[...groups.values()].map((group) => (
            <Venue key={`${group[0]?.venue}|${group[0]?.mode}`} group={group} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Venue({ group }: { group: readonly Breaker[] }) {
  const t = useTranslations('system');
  const venue = useLabel('venues');
  const mode = useLabel('modes');
  const [first] = group;
  if (first === undefined) return null;
  const gone = group.filter(({ state }) => state !== 'closed');
  const state = gone.length === 0 ? 'reachable' : gone.length === group.length ? 'gone' : 'partly_gone';
  return (
    <li>
      <div className={styles.line}>
        <strong>
          {venue(first.venue)} · {mode(first.mode)}
        </strong>
        <Status value={state} words="reachability" />
      </div>
      <div className="quiet small">
        {state === 'reachable' ? t('venueThere', { count: group.length }) : t('venueGone')}
      </div>
      {gone.map((breaker) => (
        <GoneFor key={breaker.worker} breaker={breaker} />
      ))}
    </li>
  );
}

function GoneFor({ breaker }: { breaker: Breaker }) {
  const t = useTranslations('system');
  const failure = useLabel('contactFailures');
  return (
    <dl className={`${styles.facts} ${styles.pairs} small`}>
      <dt>{t('worker')}</dt>
      <dd className="mono">{breaker.worker}</dd>
      <dt>{t('goneSince')}</dt>
      <dd>
        <When at={breaker.since} />
      </dd>
      <dt>{t('failures')}</dt>
      <dd className="num">
        {breaker.failures}
        {breaker.lastFailure === null ? null : ` · ${failure(breaker.lastFailure)}`}
      </dd>
      <dt>{t('nextProbe')}</dt>
      <dd>{breaker.nextProbeAt === null ? t('probing') : <Clock at={breaker.nextProbeAt} />}</dd>
    </dl>
  );
}
