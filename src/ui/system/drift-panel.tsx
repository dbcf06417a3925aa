'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { DriftView, SystemView } from '@/contracts/api/safety';
import { useList } from '../api/lists';
import { Size } from '../shared/figures';
import { type Columns, ListTable } from '../shared/list-table';
import { Panel } from '../shared/page-head';
import { Side } from '../shared/side';
import { When } from '../shared/when';
import { Comparisons } from './comparisons';
import styles from './system.module.css';

/** Open differences between our books and the venues, and what each of them means. */
export function DriftPanel({ drift }: { drift: SystemView['drift'] }) {
  const t = useTranslations('system');
  const c = useTranslations('common');
  const list = useList<DriftView>('/drift', { state: 'open' });
  const columns: Columns<DriftView> = [
    {
      title: c('customer'),
      key: 'customer',
      render: (_, row) => (
        <>
          <Link href={`/admin/customers/${row.customerId}`}>{row.customerName}</Link>
          <div className="quiet small">{row.accountLabel}</div>
        </>
      ),
    },
    {
      title: c('instrument'),
      key: 'instrument',
      render: (_, row) => (
        <span className="nowrap">
          {row.symbol} <Side value={row.side} />
        </span>
      ),
    },
    {
      title: t('booked'),
      key: 'booked',
      align: 'right',
      render: (_, row) => <Size contracts={row.booked} base={row.bookedBase} symbol={row.symbol} />,
    },
    {
      title: t('held'),
      key: 'held',
      align: 'right',
      render: (_, row) => <Size contracts={row.held} base={row.heldBase} symbol={row.symbol} />,
    },
    { title: t('meaning'), key: 'meaning', render: (_, row) => <Meaning drift={row} /> },
    { title: t('firstSeen'), key: 'firstSeen', render: (_, row) => <When at={row.firstSeenAt} /> },
  ];
  return (
    <Panel title={t('driftTitle')} flush className={styles.below}>
      <Comparisons drift={drift} />
      <ListTable
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        card={(row) => (
          <>
            <div className={styles.line}>
              <strong>{row.symbol}</strong>
              <Side value={row.side} />
            </div>
            <div>
              {row.customerName} · {row.accountLabel}
            </div>
            <div>
              {t('booked')} <Size contracts={row.booked} base={row.bookedBase} symbol={row.symbol} /> · {t('held')}{' '}
              <Size contracts={row.held} base={row.heldBase} symbol={row.symbol} />
            </div>
            <Meaning drift={row} />
            <div className="quiet small">
              <When at={row.firstSeenAt} />
            </div>
          </>
        )}
        empty={<p className={`quiet ${styles.nothing}`}>{t('driftEmpty')}</p>}
      />
    </Panel>
  );
}

function Meaning({ drift }: { drift: DriftView }) {
  const t = useTranslations('system');
  return (
    <div className={styles.meaning}>
      <strong>{t(`driftKinds.${drift.kind}`)}</strong>
      <div className="quiet small">
        {t(`driftMeanings.${drift.kind}`)}
        {/[1-9]/.test(drift.repaired) ? (
          <>
            {' '}
            {t('repaired')} <Size contracts={drift.repaired} symbol={drift.symbol} />
          </>
        ) : null}
      </div>
    </div>
  );
}
