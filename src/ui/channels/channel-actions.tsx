'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm, Space } from 'antd';
import { useTranslations } from 'next-intl';
import type { ChannelTest, NotificationChannelView } from '@/contracts/api/notifications';
import { call } from '../api/client';
import { useFailureNotice } from '../shared/failure';

/** Test, change, remove. */
export function ChannelActions({ channel, edit }: { channel: NotificationChannelView; edit: () => void }) {
  const t = useTranslations('channels');
  const c = useTranslations('common');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  const refresh = () => client.invalidateQueries({ queryKey: ['list', '/notification-channels'] });
  const test = useMutation({
    mutationFn: () => call<ChannelTest>('POST', `/notification-channels/${channel.id}/test`),
    onSuccess: async ({ result, error }) => {
      if (result === 'sent') message.success(t('testSent'));
      else if (result === 'pending') message.info(t('testPending'));
      else message.error({ content: t('testFailed', { error: error ?? '' }), duration: 8 });
      await refresh();
    },
    onError: showFailure,
  });
  const remove = useMutation({
    mutationFn: () => call('DELETE', `/notification-channels/${channel.id}`),
    onSuccess: async () => {
      await refresh();
      message.success(t('removed'));
    },
    onError: showFailure,
  });
  return (
    <Space wrap>
      <Button size="small" loading={test.isPending} disabled={!channel.enabled} onClick={() => test.mutate()}>
        {t('test')}
      </Button>
      <Button size="small" onClick={edit}>
        {c('edit')}
      </Button>
      <Popconfirm title={t('removeConfirm')} onConfirm={() => remove.mutate()}>
        <Button size="small" danger loading={remove.isPending}>
          {t('remove')}
        </Button>
      </Popconfirm>
    </Space>
  );
}
