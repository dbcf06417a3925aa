'use client';

import { CheckCircleFilled } from '@ant-design/icons';
import { Alert, Button, Skeleton } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { TradeView } from '@/contracts/api/copying';
import type { OverviewView } from '@/contracts/api/overview';
import { EXIT_TOLD_AFTER } from '@/domain/exit';
import { useCode } from '../i18n/use-code';
import { useNow } from '../live/now';
import { CustomerFigures } from '../overview/customer-figures';
import { useOverview } from '../overview/use-overview';
import { PositionCard } from '../positions/position-card';
import { positionKey } from '../positions/position-key';
import { ReceiptDrawer } from '../receipts/receipt-drawer';
import { FailureNote } from '../shared/failure';
import list from '../shared/list-table.module.css';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { TradeCard } from '../trades/trade-card';
import styles from './portal.module.css';

/** How the customer stands, in few numbers and plain words. */
export function OverviewPage() {
  const t = useTranslations('portal.overview');
  const { data, error, refetch } = useOverview(null);
  if (error !== null) return <FailureNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton active paragraph={{ rows: 10 }} />;
  const following = data.subscriptions.filter(({ status }) => status === 'active').length;
  return (
    <>
      <PageHead title={t('title')} note={following === 0 ? undefined : t('following', { count: following })} />
      <Notices view={data} />
      <FirstSteps view={data} />
      {data.accounts.length === 0 ? null : <CustomerFigures customerId={null} />}
      <div className={styles.halves}>
        <Panel title={t('positions')} extra={<Link href="/portal/positions">{t('allPositions')}</Link>} flush>
          {data.positions.length === 0 ? (
            <p className={`quiet ${styles.none}`}>{t('noPositions')}</p>
          ) : (
            <ul className={list.cards}>
              {data.positions.map((position) => (
                <li key={positionKey(position)}>
                  <PositionCard position={position} />
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <LastTrades trades={data.lastTrades} />
      </div>
    </>
  );
}

function LastTrades({ trades }: { trades: readonly TradeView[] }) {
  const t = useTranslations('portal.overview');
  const [opened, setOpened] = useState<TradeView | null>(null);
  return (
    <Panel title={t('lastTrades')} extra={<Link href="/portal/trades">{t('allTrades')}</Link>} flush>
      {trades.length === 0 ? (
        <EmptyHint title={t('noTrades')} />
      ) : (
        <ul className={list.cards}>
          {trades.map((trade) => (
            <li key={trade.id}>
              <button type="button" onClick={() => setOpened(trade)}>
                <TradeCard trade={trade} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ReceiptDrawer address={opened} close={() => setOpened(null)} />
    </Panel>
  );
}

/** What holds copying back for him. */
function Notices({ view }: { view: OverviewView }) {
  const t = useTranslations('portal.overview');
  const code = useCode();
  const { customer, accounts, positions } = view;
  const now = useNow();
  const late = positions.filter(
    ({ exit }) => exit !== null && now - new Date(exit.dueAt).getTime() > EXIT_TOLD_AFTER,
  ).length;
  const failing =
    accounts.find(({ health }) => health === 'failing') ?? accounts.find(({ health }) => health === 'limited');
  return (
    <>
      {customer.status === 'suspended' ? (
        <Alert className={styles.gap} type="error" showIcon title={t('suspended')} />
      ) : null}
      {late === 0 ? null : (
        <Alert
          className={styles.gap}
          type="warning"
          showIcon
          title={t('exitTitle', { count: late })}
          description={
            <>
              {t('exitHint')} <Link href="/portal/positions">{t('toPositions')}</Link>
            </>
          }
        />
      )}
      {failing === undefined ? null : (
        <Alert
          className={styles.gap}
          type={failing.health === 'limited' ? 'warning' : 'error'}
          showIcon
          title={t('problemTitle')}
          description={
            <>
              {failing.healthCode === null ? null : `${code(failing.healthCode)}. `}
              {t(failing.health === 'limited' ? 'limitedHint' : 'problemHint')}
            </>
          }
          action={
            <Link href="/portal/account">
              <Button size="small">{t('toAccount')}</Button>
            </Link>
          }
        />
      )}
    </>
  );
}

/** What is still to be done before the first trade; absent once all is. */
function FirstSteps({ view }: { view: OverviewView }) {
  const t = useTranslations('portal.overview');
  const steps = [
    { key: 'stepAccount', done: view.accounts.length > 0, href: '/portal/account' },
    {
      key: 'stepCheck',
      done: view.accounts.some(({ health }) => health === 'healthy' || health === 'limited'),
      href: '/portal/account',
    },
    {
      key: 'stepFollow',
      done: view.subscriptions.some(({ status }) => status !== 'ended'),
      href: '/portal/strategies',
    },
  ] as const;
  if (steps.every(({ done }) => done)) return null;
  const next = steps.findIndex(({ done }) => !done);
  return (
    <Panel title={t('startTitle')} className={styles.gap}>
      <ol className={styles.steps}>
        {steps.map(({ key, done, href }, index) => (
          <li key={key} data-done={done || undefined} data-next={index === next || undefined}>
            <span className={styles.stepMark}>{done ? <CheckCircleFilled /> : index + 1}</span>
            <span>
              {index === next ? <Link href={href}>{t(key)}</Link> : t(key)}
              <span className="quiet small" style={{ display: 'block' }}>
                {t(`${key}Hint`)}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
