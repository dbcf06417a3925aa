'use client';

import { Button, Result } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';

export function NotFoundPage() {
  const t = useTranslations('common');
  return (
    <Result
      status="404"
      title={t('notFound')}
      subTitle={t('notFoundHint')}
      extra={
        <Link href="/">
          <Button type="primary">{t('home')}</Button>
        </Link>
      }
    />
  );
}
