'use client';

import { useQuery } from '@tanstack/react-query';
import type { Page } from '@/contracts/api/common';
import type { ReceiptView, SignalView } from '@/contracts/api/copying';
import { call } from '../api/client';

export function useSignal(id: string, enabled = true) {
  return useQuery({
    queryKey: ['signal', id],
    enabled,
    queryFn: ({ signal }) => call<SignalView>('GET', `/signals/${id}`, { signal }),
  });
}

const PAGE = 1000;

/** Every receipt of a signal, one a follower. Pushes keep it fresh (see live/cache). */
export function useReceipts(signalId: string, enabled = true) {
  return useQuery({
    queryKey: ['receipts', signalId],
    enabled,
    queryFn: async ({ signal }) => {
      const receipts: ReceiptView[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<ReceiptView> = await call('GET', `/signals/${signalId}/receipts`, {
          query: { limit: PAGE, cursor },
          signal,
        });
        receipts.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return receipts;
    },
  });
}
