'use client';

import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Page } from '@/contracts/api/common';
import { call, type Query } from './client';

export type ListData<T> = InfiniteData<Page<T>, string | null>;

/** Key of a list in the cache: everything that shows rows of `path` begins with the first two parts. */
export function listKey(path: string, query: Query = {}): readonly unknown[] {
  const filters = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return ['list', path, Object.fromEntries(filters.map(([key, value]) => [key, String(value)]))];
}

/** Rows of a list, newest first, page after page by the server's cursor. */
export function useList<T>(path: string, query: Query = {}, options: { limit?: number; enabled?: boolean } = {}) {
  const { limit = 50, enabled = true } = options;
  const result = useInfiniteQuery({
    queryKey: listKey(path, { ...query, limit }),
    enabled,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call<Page<T>>('GET', path, { query: { ...query, limit, cursor: pageParam }, signal }),
    getNextPageParam: (page) => page.nextCursor,
  });
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.items) ?? [], [result.data]);
  return { ...result, rows };
}
