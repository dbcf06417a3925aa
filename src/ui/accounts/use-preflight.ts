'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { call } from '../api/client';
import { useLiveEvent } from '../live/live-provider';
import { useFailureNotice } from '../shared/failure';

/** A check that brings no result within this time is shown as not running; the push may still come. */
const GIVE_UP_MS = 45_000;

/**
 * Runs the checks of an account. `running` from the request, or from a key that was just stored, until the worker's
 * result arrives by push.
 */
export function usePreflight(account: ExchangeAccountView) {
  const client = useQueryClient();
  const showFailure = useFailureNotice();
  const { id, checkedAt } = account;
  const [asked, setAsked] = useState<{ since: string | null } | null>(null);
  const running = asked !== null ? asked.since === checkedAt : account.health === 'unchecked' && checkedAt === null;

  useEffect(() => {
    if (!running) return;
    const timer = setTimeout(() => setAsked({ since: 'given up' }), GIVE_UP_MS);
    return () => clearTimeout(timer);
  }, [running]);

  const refresh = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['list', '/exchange-accounts'] });
    void client.invalidateQueries({ queryKey: ['overview'] });
  }, [client]);
  useLiveEvent('account_update', (changes) => {
    if (running && changes.some((change) => change.accountId === id)) refresh();
  });

  const ask = useMutation({
    mutationFn: () => call<ExchangeAccountView>('POST', `/exchange-accounts/${id}/preflight`),
    onMutate: () => setAsked({ since: checkedAt }),
    onSuccess: refresh,
    onError: (error) => {
      setAsked(null);
      showFailure(error);
    },
  });
  return { running, ask: () => ask.mutate() };
}
