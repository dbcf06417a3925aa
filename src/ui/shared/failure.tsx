'use client';

import { Alert, App, Button } from 'antd';
import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import { ApiError } from '../api/client';

/** The sentence of an error, and its code in small print. */
export function FailureText({ error }: { error: Error }) {
  const t = useTranslations('common');
  if (!(error instanceof ApiError)) return <>{t('failed')}</>;
  const sentence = error.code === 'OFFLINE' ? t('offline') : error.message || t('failed');
  const print = [error.code, error.field, error.requestId?.slice(0, 8)].filter(Boolean).join(' · ');
  return (
    <>
      {sentence} <span className="quiet small mono">{print}</span>
    </>
  );
}

/** Shows why something that was asked for did not happen. */
export function useFailureNotice(): (error: Error) => void {
  const { message } = App.useApp();
  return useCallback(
    (error: Error) => {
      if (error instanceof ApiError && error.status === 401) return;
      message.error({ content: <FailureText error={error} />, duration: 8 });
    },
    [message],
  );
}

/** In place of what could not be fetched. */
export function FailureNote({ error, retry }: { error: Error; retry?: () => void }) {
  const t = useTranslations('common');
  return (
    <Alert
      type="error"
      showIcon
      title={<FailureText error={error} />}
      action={
        retry === undefined ? null : (
          <Button size="small" onClick={retry}>
            {t('again')}
          </Button>
        )
      }
    />
  );
}
