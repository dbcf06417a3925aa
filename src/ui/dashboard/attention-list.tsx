'use client';

import { WarningOutlined } from '@ant-design/icons';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { DashboardView } from '@/contracts/api/overview';
import { useCode } from '../i18n/use-code';
import { When } from '../shared/when';
import styles from './dashboard.module.css';

type Item = DashboardView['attention'][number];

function hrefOf({ kind, subjectId }: Item): string {
  switch (kind) {
    case 'account_failing':
      return `/admin/accounts?health=failing&account=${subjectId}`;
    case 'account_limited':
      return `/admin/accounts?health=limited&account=${subjectId}`;
    case 'exit_due':
      return '/admin/system#exits';
    case 'trades_unknown':
      return `/admin/signals/${subjectId}?state=unknown`;
    case 'signal_rejected':
      return `/admin/signals/${subjectId}`;
    case 'message_rejected':
      return `/admin/rejected-messages?sourceId=${subjectId}`;
  }
}

/** What needs somebody; absent when there is nothing. */
export function AttentionList({ items }: { items: readonly Item[] }) {
  const t = useTranslations('dashboard');
  const code = useCode();
  if (items.length === 0) return null;
  return (
    <section className={styles.attention}>
      <h2>
        <WarningOutlined /> {t('attention')}
      </h2>
      <ul>
        {items.map((item) => (
          <li key={`${item.kind}|${item.subjectId}|${item.at}`}>
            {item.customer === null ? null : (
              <Link className={styles.attentionWho} href={`/admin/customers/${item.customer.id}`}>
                {item.customers > 1
                  ? t('customerAndOthers', { name: item.customer.name, count: item.customers - 1 })
                  : item.customer.name}
              </Link>
            )}
            <Link className={styles.attentionWhat} href={hrefOf(item)}>
              <strong>{t(`kinds.${item.kind}`)}</strong>
              <span>
                {item.title}
                {item.count > 1 ? ` ×${item.count}` : ''}
              </span>
              {item.code === null ? null : (
                <span>{code(item.code) === item.code ? (item.message ?? item.code) : code(item.code)}</span>
              )}
              <span className="quiet small">
                <When at={item.at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
