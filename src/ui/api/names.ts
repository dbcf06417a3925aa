'use client';

import { useMemo } from 'react';
import type { SignalSourceView, StrategyView } from '@/contracts/api/copying';
import type { CustomerView } from '@/contracts/api/people';
import { useList } from './lists';

type Option = { readonly value: string; readonly label: string };
const MANY = { limit: 200 };

function useOptions<T extends { id: string; name: string }>(rows: readonly T[]): readonly Option[] {
  return useMemo(() => rows.map(({ id, name }) => ({ value: id, label: name })), [rows]);
}

/** Choices for filters and forms. */
export function useStrategyOptions(enabled = true) {
  const list = useList<StrategyView>('/strategies', {}, { ...MANY, enabled });
  return { options: useOptions(list.rows), strategies: list.rows, loading: list.isLoading };
}

export function useSourceOptions(enabled = true) {
  const list = useList<SignalSourceView>('/signal-sources', {}, { ...MANY, enabled });
  return { options: useOptions(list.rows), sources: list.rows, loading: list.isLoading };
}

/** The first matches of a search among customers; there may be thousands. */
export function useCustomerOptions(search: string, enabled = true) {
  const list = useList<CustomerView>('/customers', { search }, { limit: 50, enabled });
  return { options: useOptions(list.rows), customers: list.rows, loading: list.isLoading };
}
