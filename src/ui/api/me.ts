'use client';

import { useQuery } from '@tanstack/react-query';
import type { MeView } from '@/contracts/api/identity';
import { call } from './client';

/** Who is logged in, his tenant, and what this installation allows. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => call<MeView>('GET', '/me', { signal }),
    staleTime: 60_000,
  });
}
