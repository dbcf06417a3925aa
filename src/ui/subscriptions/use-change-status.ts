'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslations } from 'next-intl';
import type { SubscriptionView } from '@/contracts/api/copying';
import { call } from '../api/client';
import { useFailureNotice } from '../shared/failure';

/** Pauses, resumes or ends a subscription. */
export function useChangeStatus() {
  const t = useTranslations('subscriptions');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  return useMutation({
    mutationFn: ({ id, status }: { id: string; status: SubscriptionView['status'] }) =>
      call<SubscriptionView>('PATCH', `/subscriptions/${id}`, { body: { status } }),
    onSuccess: async () => {
      await Promise.all(
        [['list', '/subscriptions'], ['list', '/strategies'], ['overview']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
      message.success(t('changed'));
    },
    onError: showFailure,
  });
}
