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
      <KeyPicture />
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

const FIELDS = [
  { key: 'apiKey', shown: '8f3c····-····-····-········21ab' },
  { key: 'secret', shown: '5D0E························9C47' },
  { key: 'passphrase', shown: null },
] as const;

/** What OKX shows when a key was created: where each of the three fields stands. */
function KeyPicture() {
  const t = useTranslations('portal.account');
  return (
    <figure className={styles.picture} aria-hidden="true">
      <figcaption>{t('pictureTitle')}</figcaption>
      {FIELDS.map(({ key, shown }, index) => (
        <div key={key}>
          <b>{index + 1}</b>
          <span>{t(key)}</span>
          <span className="mono quiet">{shown ?? t('pictureYours')}</span>
        </div>
      ))}
    </figure>
  );
}
