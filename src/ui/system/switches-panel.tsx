'use client';

import { useTranslations } from 'next-intl';
import type { StandingSwitchView } from '@/contracts/api/safety';
import { FlattenCounts } from '../exits/flatten-counts';
import { useLabel } from '../i18n/use-label';
import { Panel } from '../shared/page-head';
import { When } from '../shared/when';
import styles from './system.module.css';

/** Every switch that is on. They are thrown and released where they belong: here they are only shown. */
export function SwitchesPanel({ switches }: { switches: readonly StandingSwitchView[] }) {
  const t = useTranslations('system');
  const level = useLabel('killLevels');
  const effect = useTranslations('killSwitch.effects');
  return (
    <Panel title={t('switches')}>
      {switches.length === 0 ? (
        <p className={`quiet ${styles.none}`}>{t('noSwitches')}</p>
      ) : (
        <ul className={styles.list}>
          {switches.map((one) => (
            <li key={`${one.scope}|${one.id ?? ''}`}>
              <div className={styles.line}>
                <strong>
                  {t(`scopes.${one.scope}`)}
                  {one.scope === 'platform' ? null : `: ${one.name}`}
                </strong>
                <span className={styles.level}>{level(one.level)}</span>
              </div>
              <div className="quiet small">
                {effect(one.level)} {t(`released.${one.scope}`)}
              </div>
              {one.flatten === null ? null : <FlattenCounts progress={one.flatten} />}
              {one.since === null ? null : (
                <div className="quiet small">
                  {t('since')} <When at={one.since} />
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
