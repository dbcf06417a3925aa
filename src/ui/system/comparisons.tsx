'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { SystemView } from '@/contracts/api/safety';
import { useCode } from '../i18n/use-code';
import { When } from '../shared/when';
import styles from './system.module.css';

type Drift = SystemView['drift'];

/** In one line whether books and venues agree: said only of accounts that were compared. */
export function ComparisonNote({ drift: { open, comparisons } }: { drift: Drift }) {
  const t = useTranslations('system');
  if (comparisons === null) return <>{t('comparisonsUnknown')}</>;
  const { accounts, compared } = comparisons;
  if (accounts === 0) return <>{t('nothingToCompare')}</>;
  return (
    <>
      {compared === 0 ? t('noneCompared', { accounts }) : t('comparedOf', { compared, accounts })}
      {open > 0 ? ` · ${t('someDrift')}` : compared === accounts ? ` · ${t('noDrift')}` : null}
    </>
  );
}

/** When accounts were last compared, and which could not be and why. */
export function Comparisons({ drift }: { drift: Drift }) {
  const t = useTranslations('system');
  const code = useCode();
  const { comparisons } = drift;
  if (comparisons === null || comparisons.accounts === 0) {
    return <p className={styles.compared}>{t(comparisons === null ? 'comparisonsUnknown' : 'nothingToCompare')}</p>;
  }
  const { accounts, compared, oldestAt, newestAt, missing } = comparisons;
  const left = accounts - compared;
  return (
    <div className={styles.compared}>
      {compared === 0
        ? t('noneCompared', { accounts })
        : t.rich('comparedWhen', {
            compared,
            accounts,
            oldest: () => <When at={oldestAt} />,
            newest: () => <When at={newestAt} />,
          })}
      {left === 0 ? null : (
        <>
          <div>{t('notCompared', { count: left })}</div>
          <ul>
            {missing.map((account) => (
              <li key={account.accountId}>
                <Link href={`/admin/customers/${account.customerId}`}>{account.customerName}</Link> ·{' '}
                {account.accountLabel} · {code(account.code)}
                {account.comparedAt === null ? null : (
                  <span className="quiet">
                    {' '}
                    · {t('lastCompared')} <When at={account.comparedAt} />
                  </span>
                )}
              </li>
            ))}
            {left > missing.length ? <li>{t('andMore', { count: left - missing.length })}</li> : null}
          </ul>
        </>
      )}
    </div>
  );
}
