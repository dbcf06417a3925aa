'use client';

import { App } from 'antd';
import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import { CopyBox } from '../shared/short-id';

/** Shows an HMAC key this once. */
export function useOneTimeKey(): (key: string) => void {
  const t = useTranslations('sources');
  const { modal } = App.useApp();
  return useCallback(
    (key: string) => {
      modal.success({
        title: t('hmacKey'),
        width: 560,
        content: (
          <>
            <p>{t('hmacOnce')}</p>
            <CopyBox text={key} />
          </>
        ),
      });
    },
    [modal, t],
  );
}
