'use client';

import { CheckSquareFilled, CloseSquareOutlined } from '@ant-design/icons';
import { useTranslations } from 'next-intl';
import styles from './accounts.module.css';

const STEPS = ['how1', 'how2', 'how3', 'how4', 'how5'] as const;
const RIGHTS = [
  { key: 'permissionRead', wanted: true },
  { key: 'permissionTrade', wanted: true },
  { key: 'permissionWithdraw', wanted: false },
] as const;

/** How to make a key at OKX, and what to tick there. */
export function KeyGuide({ demo }: { demo: boolean }) {
  const t = useTranslations('portal.account');
  return (
    <>
      <ol className={styles.guide}>
        {STEPS.map((step) => (
          <li key={step}>{t(step)}</li>
        ))}
        {demo ? <li>{t('howDemo')}</li> : null}
      </ol>
      <ul className={styles.rights} aria-label={t('permissions')}>
        {RIGHTS.map(({ key, wanted }) => (
          <li key={key}>
            {wanted ? (
              <CheckSquareFilled style={{ color: 'var(--state-filled)' }} />
            ) : (
              <CloseSquareOutlined style={{ color: 'var(--state-rejected)' }} />
            )}
            <span>{t(key)}</span>
            <span className="quiet small">{wanted ? t('mustTick') : t('mustNotTick')}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
