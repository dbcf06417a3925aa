'use client';

import { Button, Result } from 'antd';
import { useTranslations } from 'next-intl';

export function FailurePage({ retry }: { retry: () => void }) {
  const t = useTranslations('common');
  return (
    <Result
      status="error"
      title={t('failed')}
      subTitle={t('failedHint')}
      extra={
        <Button type="primary" onClick={retry}>
          {t('again')}
        </Button>
      }
    />
  );
}
