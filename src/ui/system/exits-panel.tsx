'use client';

import { Segmented } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ExitView } from '@/contracts/api/exits';
import { useList } from '../api/lists';
import { ExitObstacle } from '../exits/exit-note';
import { formatDuration } from '../format/numbers';
import { useCode } from '../i18n/use-code';
import { Size } from '../shared/figures';
import { type Columns, ListTable } from '../shared/list-table';
import { Panel } from '../shared/page-head';
import { Side } from '../shared/side';
import { When } from '../shared/when';
import styles from './system.module.css';

type State = 'open' | 'done';

/** Positions that have to go, with what is in the way, and those of late that had to. */
export function ExitsPanel() {
  const t = useTranslations('system');
  const cause = useTranslations('exitCauses');
  const [state, setState] = useState<State>('open');
  const list = useList<ExitView>('/exits', { state });
  const columns = useColumns(state);
  return (
    <div id="exits">
      <Panel
        title={t('exitsTitle')}
        extra={
          <Segmented<State>
            size="small"
            value={state}
            onChange={setState}
            options={[
              { value: 'open', label: t('exitsDue') },
              { value: 'done', label: t('exitsDone') },
            ]}
          />
        }
        flush
        className={styles.below}
      >
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => `${row.subscriptionId}|${row.symbol}|${row.side}`}
          card={(row) => (
            <>
              <div className={styles.line}>
                <span>
                  <strong>{row.symbol}</strong> <Side value={row.side} />
                </span>
                {row.doneAt === null ? <Size contracts={row.held} base={row.heldBase} symbol={row.symbol} /> : null}
              </div>
              <div>
                <Link href={`/admin/customers/${row.customerId}`}>{row.customerName}</Link> · {row.strategyName}
              </div>
              <div>{cause(row.cause)}</div>
              {row.doneAt === null ? <ExitObstacle exit={row} /> : <Outcome exit={row} />}
              <div className="quiet small">
                <When at={row.doneAt ?? row.dueAt} />
                {row.doneAt === null ? (
                  <>
                    {' '}
                    <Told exit={row} />
                  </>
                ) : null}
              </div>
            </>
          )}
          empty={<p className={`quiet ${styles.nothing}`}>{t(state === 'open' ? 'exitsEmpty' : 'exitsDoneEmpty')}</p>}
        />
      </Panel>
    </div>
  );
}

function useColumns(state: State): Columns<ExitView> {
  const t = useTranslations('system');
  const c = useTranslations('common');
  const cause = useTranslations('exitCauses');
  const shared: Columns<ExitView> = [
    {
      title: c('customer'),
      key: 'customer',
      render: (_, row) => (
        <>
          <Link href={`/admin/customers/${row.customerId}`}>{row.customerName}</Link>
          <div className="quiet small">{row.strategyName}</div>
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
    { title: t('exitWhy'), key: 'why', render: (_, row) => <div className={styles.meaning}>{cause(row.cause)}</div> },
  ];
  if (state === 'open') {
    return [
      ...shared,
      {
        title: t('exitHeld'),
        key: 'held',
        align: 'right',
        render: (_, row) => <Size contracts={row.held} base={row.heldBase} symbol={row.symbol} />,
      },
      { title: t('exitWay'), key: 'way', render: (_, row) => <ExitObstacle exit={row} /> },
      {
        title: t('exitSince'),
        key: 'since',
        render: (_, row) => (
          <>
            <When at={row.dueAt} />
            <div className="quiet small">
              <Told exit={row} />
            </div>
          </>
        ),
      },
    ];
  }
  return [
    ...shared,
    { title: t('exitResult'), key: 'result', render: (_, row) => <Outcome exit={row} /> },
    { title: t('exitEnded'), key: 'ended', render: (_, row) => <When at={row.doneAt} /> },
  ];
}

/** Operators are not told of what their switch has stopped. */
function Told({ exit: { toldAt: at, obstacle } }: { exit: ExitView }) {
  const t = useTranslations('system');
  if (at === null) return obstacle === 'KILL_SWITCH' ? null : t('exitNotTold');
  return <>{t.rich('exitTold', { at: () => <When at={at} /> })}</>;
}

/** How an exit ended, and what it had met on its way. */
function Outcome({ exit }: { exit: ExitView }) {
  const t = useTranslations('system');
  const code = useCode();
  if (exit.doneAt === null) return null;
  const took = formatDuration(new Date(exit.doneAt).getTime() - new Date(exit.dueAt).getTime());
  return (
    <div className={styles.meaning}>
      {t(exit.lapsed ? 'exitLapsed' : 'exitClosed')}
      {exit.lapsed ? (
        <>
          {' · '}
          {t('exitHeld')} <Size contracts={exit.held} base={exit.heldBase} symbol={exit.symbol} />
        </>
      ) : null}
      <div className="quiet small">
        {t('exitTook', { duration: took })}
        {exit.code === null ? null : ` · ${t('exitLast')} ${code(exit.code)}`}
      </div>
    </div>
  );
}
