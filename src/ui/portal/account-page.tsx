'use client';

import { PlusOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { AccountCard } from '../accounts/account-card';
import { AccountForm } from '../accounts/account-form';
import styles from '../accounts/accounts.module.css';
import { KeyGuide } from '../accounts/key-guide';
import { useList } from '../api/lists';
import { FailureNote } from '../shared/failure';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';

/** The customer's own accounts and their checks. */
export function AccountPage() {
  const t = useTranslations('portal.account');
  const list = useList<ExchangeAccountView>('/exchange-accounts');
  const [connecting, setConnecting] = useState(false);
  const none = !list.isPending && list.rows.length === 0;
  const connect = (
    <Button type={none ? 'primary' : 'default'} icon={<PlusOutlined />} onClick={() => setConnecting(true)}>
      {none ? t('connect') : t('connectAnother')}
    </Button>
  );
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={none ? undefined : connect} />
      {list.error === null ? null : <FailureNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending ? <Skeleton active paragraph={{ rows: 8 }} /> : null}
      <div className={styles.cards}>
        {list.rows.map((account) => (
          <AccountCard key={account.id} account={account} mayChange customerId={null} />
        ))}
        {none && list.error === null ? (
          <>
            <Panel>
              <EmptyHint title={t('empty')} hint={t('emptyHint')} action={connect} />
            </Panel>
            <Panel title={t('howTitle')}>
              <KeyGuide demo />
            </Panel>
          </>
        ) : null}
      </div>
      {connecting ? <AccountForm account={null} customerId={null} close={() => setConnecting(false)} /> : null}
    </>
  );
}
