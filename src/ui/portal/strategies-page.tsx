'use client';

import { Alert, Button, Popconfirm, Skeleton, Space } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { StrategyView, SubscriptionView } from '@/contracts/api/copying';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { useList } from '../api/lists';
import { useMe } from '../api/me';
import { formatDecimal } from '../format/numbers';
import { useLabel } from '../i18n/use-label';
import { FailureNote } from '../shared/failure';
import { EmptyHint, PageHead } from '../shared/page-head';
import { Status } from '../shared/status';
import { SubscriptionForm } from '../subscriptions/subscription-form';
import { useSettingsText } from '../subscriptions/subscriptions-page';
import { useChangeStatus } from '../subscriptions/use-change-status';
import styles from './portal.module.css';

type Opened = { readonly strategy: StrategyView; readonly subscription: SubscriptionView | null };

/** What the customer follows, and what he could. */
export function FollowPage() {
  const t = useTranslations('portal.strategies');
  const p = useTranslations('portal.overview');
  const { data: me } = useMe();
  const strategies = useList<StrategyView>('/strategies', {}, { limit: 200 });
  const subscriptions = useList<SubscriptionView>('/subscriptions', {}, { limit: 200 });
  const accounts = useList<ExchangeAccountView>('/exchange-accounts');
  const [opened, setOpened] = useState<Opened | null>(null);

  const error = strategies.error ?? subscriptions.error ?? accounts.error;
  if (error !== null) return <FailureNote error={error} />;
  if (strategies.isPending || subscriptions.isPending || accounts.isPending) {
    return <Skeleton active paragraph={{ rows: 8 }} />;
  }
  const own = subscriptions.rows.filter(({ status }) => status !== 'ended');
  const followed = new Set(own.map(({ strategyId }) => strategyId));
  const others = strategies.rows.filter(({ id, status }) => !followed.has(id) && status === 'active');
  const strategyOf = (id: string) => strategies.rows.find((strategy) => strategy.id === id);
  const endedOf = (id: string) =>
    subscriptions.rows.find(({ strategyId, status }) => strategyId === id && status === 'ended') ?? null;
  const hasAccount = accounts.rows.length > 0;
  const healthy = accounts.rows.some(({ health }) => health === 'healthy' || health === 'limited');
  const form = opened;

  return (
    <>
      <PageHead title={t('title')} note={t('note')} />
      {hasAccount && healthy ? null : (
        <Alert
          className={styles.gap}
          type="warning"
          showIcon
          title={hasAccount ? t('notHealthy') : t('needAccount')}
          action={
            <Link href="/portal/account">
              <Button size="small">{p('toAccount')}</Button>
            </Link>
          }
        />
      )}
      {own.length === 0 ? null : (
        <>
          <h2 className={styles.sectionTitle}>{t('following')}</h2>
          <div className={styles.strategies}>
            {own.map((subscription) => {
              const strategy = strategyOf(subscription.strategyId);
              return (
                <Followed
                  key={subscription.id}
                  subscription={subscription}
                  strategy={strategy}
                  edit={strategy === undefined ? undefined : () => setOpened({ strategy, subscription })}
                />
              );
            })}
          </div>
        </>
      )}
      {others.length === 0 ? (
        own.length === 0 ? (
          <EmptyHint title={t('empty')} hint={t('emptyHint')} />
        ) : null
      ) : (
        <>
          <h2 className={styles.sectionTitle}>{t('others')}</h2>
          <div className={styles.strategies}>
            {others.map((strategy) => (
              <Offer
                key={strategy.id}
                strategy={strategy}
                ended={endedOf(strategy.id)}
                disabled={!hasAccount}
                follow={() => setOpened({ strategy, subscription: null })}
              />
            ))}
          </div>
        </>
      )}
      {form === null || me === undefined ? null : (
        <SubscriptionForm
          subscription={form.subscription}
          strategy={form.strategy}
          customerId={me.actor.customerId}
          title={form.strategy.name}
          submitText={form.subscription === null ? t('follow') : t('edit')}
          saidWhenDone={form.subscription === null ? t('started') : t('changed')}
          close={() => setOpened(null)}
        />
      )}
    </>
  );
}

function Facts({ strategy, ratio }: { strategy: StrategyView; ratio: string | null }) {
  const t = useTranslations('portal.strategies');
  const sizing = useLabel('sizing');
  const value = formatDecimal(ratio ?? strategy.followRatio);
  return (
    <p className="quiet small">
      {[
        sizing(strategy.sizingMode),
        ratio === null ? t('strategyRatio', { value }) : t('ownRatio', { value }),
        t('leverageUpTo', { value: formatDecimal(strategy.maxLeverage) }),
      ].join('\u00a0· ')}
      {strategy.symbols === null ? null : (
        <>
          {'\u00a0· '}
          {/* The hyphens of a name are no places to break it. */}
          {strategy.symbols.map((symbol) => symbol.replaceAll('-', '\u2011')).join(', ')}
        </>
      )}
    </p>
  );
}

type FollowedProps = {
  readonly subscription: SubscriptionView;
  readonly strategy: StrategyView | undefined;
  readonly edit: (() => void) | undefined;
};

function Followed({ subscription, strategy, edit }: FollowedProps) {
  const t = useTranslations('portal.strategies');
  const change = useChangeStatus();
  const settings = useSettingsText(false);
  const { id, status } = subscription;
  const own = settings(subscription);
  return (
    <article className={styles.strategy}>
      <header>
        <h3>{subscription.strategyName}</h3>
        <Status value={status} />
      </header>
      {strategy?.description ? <p>{strategy.description}</p> : null}
      {strategy === undefined ? null : <Facts strategy={strategy} ratio={subscription.followRatio} />}
      <p className="small">
        {subscription.accountLabel}
        {own === '' ? null : ` · ${own}`}
      </p>
      {strategy?.status === 'paused' ? <Alert type="info" showIcon title={t('pausedByProvider')} /> : null}
      <footer>
        <Space wrap>
          <Button
            loading={change.isPending && change.variables?.status !== 'ended'}
            onClick={() => change.mutate({ id, status: status === 'active' ? 'paused' : 'active' })}
          >
            {status === 'active' ? t('pause') : t('resume')}
          </Button>
          {edit === undefined ? null : <Button onClick={edit}>{t('edit')}</Button>}
          <Popconfirm
            title={<div style={{ maxWidth: 280 }}>{t('stopConfirm')}</div>}
            onConfirm={() => change.mutate({ id, status: 'ended' })}
          >
            <Button danger type="text">
              {t('stop')}
            </Button>
          </Popconfirm>
        </Space>
      </footer>
    </article>
  );
}

type OfferProps = {
  readonly strategy: StrategyView;
  /** He followed it before: the same subscription begins again. */
  readonly ended: SubscriptionView | null;
  readonly disabled: boolean;
  readonly follow: () => void;
};

function Offer({ strategy, ended, disabled, follow }: OfferProps) {
  const t = useTranslations('portal.strategies');
  const change = useChangeStatus();
  return (
    <article className={styles.strategy}>
      <header>
        <h3>{strategy.name}</h3>
        <span className="quiet small">{t('followers', { count: strategy.followers })}</span>
      </header>
      {strategy.description === null ? null : <p>{strategy.description}</p>}
      <Facts strategy={strategy} ratio={null} />
      <footer>
        {ended === null ? (
          <Button type="primary" disabled={disabled} onClick={follow}>
            {t('follow')}
          </Button>
        ) : (
          <Button
            type="primary"
            disabled={disabled}
            loading={change.isPending}
            onClick={() => change.mutate({ id: ended.id, status: 'active' })}
          >
            {t('followAgain')}
          </Button>
        )}
      </footer>
    </article>
  );
}
