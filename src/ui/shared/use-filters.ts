'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';

/** Filters that live in the address, so that a view can be shared. `keys` is a constant of the page. */
export function useFilters<K extends string>(keys: readonly K[]) {
  const parameters = useSearchParams();
  const text = parameters.toString();
  const filters = useMemo(() => {
    const read = new URLSearchParams(text);
    return Object.fromEntries(keys.map((key) => [key, read.get(key) ?? ''])) as Record<K, string>;
  }, [text, keys]);

  const setFilters = useCallback((change: Partial<Record<K, string | null | undefined>>) => {
    const next = new URLSearchParams(window.location.search);
    for (const [key, value] of Object.entries(change) as [string, string | null | undefined][]) {
      if (value === null || value === undefined || value === '') next.delete(key);
      else next.set(key, value);
    }
    const query = next.toString();
    window.history.replaceState(null, '', query === '' ? window.location.pathname : `?${query}`);
  }, []);

  const filtered = keys.some((key) => filters[key] !== '');
  return { filters, setFilters, filtered };
}
