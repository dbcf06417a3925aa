'use client';

import { useQuery } from '@tanstack/react-query';
import type { OverviewView } from '@/contracts/api/overview';
import { call } from '../api/client';

/** One customer's figures; without an id, of the customer who is logged in. */
export function useOverview(customerId: string | null, days = 30) {
  return useQuery({
    queryKey: ['overview', customerId, days],
    queryFn: ({ signal }) => call<OverviewView>('GET', '/overview', { query: { customerId, days }, signal }),
  });
}
