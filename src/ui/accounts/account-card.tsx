'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm, Space } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { call } from '../api/client';
import { useLabel } from '../i18n/use-label';
import { Equity } from '../shared/equity';
import { useFailureNotice } from '../shared/failure';
import { Money } from '../shared/figures';
import { Panel } from '../shared/page-head';
import { Status } from '../shared/status';
import { When } from '../shared/when';
import { AccountForm } from './account-form';
import styles from './accounts.module.css';
import { PreflightList } from './preflight-list';
import { usePreflight } from './use-preflight';

type Props = {
  readonly account: ExchangeAccountView;
  /** Admins and the customer himself may change the key; operators may only check it. */
  readonly mayChange: boolean;
  /** For whom an admin looks; null: the customer himself. */
  readonly customerId: string | null;
};

const VERDICTS = {
  healthy: 'healthyText',
  limited: 'limitedText',
  failing: 'failingText',
  unchecked: 'uncheckedText',
} as const;
/** Of an account that works, or does not, without its checks having been run one by one. */
const UNLISTED_VERDICTS = { ...VERDICTS, healthy: 'worksText', failing: 'brokenText' } as const;

/** One account: what is known of it, and its checks. */
export function AccountCard({ account, mayChange, customerId }: Props) {
  const t = useTranslations('portal.account');
  const a = useTranslations('accounts');
  const mode = useLabel('modes');
  const margin = useLabel('marginModes');
  const positions = useLabel('positionModes');
  const venue = useLabel('venues');
  const [replacing, setReplacing] = useState(false);
  const { running, ask } = usePreflight(account);
  const remove = useRemove(account.id);
  const verdict = (account.preflight === null ? UNLISTED_VERDICTS : VERDICTS)[account.health];

  return (
    <Panel title={account.label} extra={<Status value={account.health} />}>
      <div className={styles.account}>
        <div>
          <dl className={styles.facts}>
            <dt>{a('equity')}</dt>
            <dd>
              <Equity value={account.equity} at={account.equityAt} />
            </dd>
            <dt>{a('available')}</dt>
            <dd>
              <Money value={account.available} />
            </dd>
            <dt>{t('venue')}</dt>
            <dd>
              {venue(account.venue)} · {mode(account.mode)}
            </dd>
            <dt>{t('keyEnds')}</dt>
            <dd className="mono">…{account.keyHint}</dd>
            <dt>{a('margin')}</dt>
            <dd>
              {margin(account.marginMode)} · {positions(account.positionMode)}
            </dd>
            <dt>{t('checkedAt')}</dt>
            <dd>
              <When at={account.checkedAt} />
            </dd>
          </dl>
          <Space wrap>
            <Button onClick={ask} loading={running}>
              {t('checkAgain')}
            </Button>
            {mayChange ? (
              <>
                <Button onClick={() => setReplacing(true)}>{t('replaceKey')}</Button>
                <Popconfirm title={t('removeConfirm')} onConfirm={() => remove.mutate()}>
                  <Button danger type="text" loading={remove.isPending}>
                    {t('remove')}
                  </Button>
                </Popconfirm>
              </>
            ) : null}
          </Space>
        </div>
        <div>
          <p className={`${styles.verdict} quiet`} role="status">
            {running ? t('checking') : t(verdict)}
          </p>
          {account.preflight === null && !running ? null : (
            <PreflightList preflight={account.preflight} running={running} />
          )}
        </div>
      </div>
      {replacing ? <AccountForm account={account} customerId={customerId} close={() => setReplacing(false)} /> : null}
    </Panel>
  );
}

function useRemove(id: string) {
  const t = useTranslations('portal.account');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  return useMutation({
    mutationFn: () => call('DELETE', `/exchange-accounts/${id}`),
    onSuccess: async () => {
      await Promise.all(
        [['list', '/exchange-accounts'], ['overview']].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
      message.success(t('removed'));
    },
    onError: showFailure,
  });
}
