'use client';

import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CustomerView } from '@/contracts/api/people';
import { call } from '../api/client';
import { useCustomerOptions } from '../api/names';

type Props = {
  readonly value?: string | null;
  readonly onChange?: (value: string | null) => void;
  readonly placeholder?: string;
  readonly label?: string;
  readonly id?: string;
};

const PAUSE_MS = 250;

/** Chooses one customer by typing a part of his name; the server searches. */
export function CustomerSelect({ value, onChange, placeholder, label, id }: Props) {
  const [search, setSearch] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const { options, loading } = useCustomerOptions(search);
  const chosen = value === '' || value === undefined ? null : value;
  const known = options.some((option) => option.value === chosen);
  const named = useQuery({
    queryKey: ['customer', chosen],
    enabled: chosen !== null && !known && !loading,
    queryFn: ({ signal }) => call<CustomerView>('GET', `/customers/${chosen}`, { signal }),
  });
  const shown = useMemo(() => {
    if (chosen === null || known || named.data === undefined) return [...options];
    return [{ value: named.data.id, label: named.data.name }, ...options];
  }, [options, chosen, known, named.data]);
  return (
    <Select
      id={id}
      allowClear
      aria-label={label ?? placeholder}
      placeholder={placeholder}
      value={chosen ?? undefined}
      options={shown}
      loading={loading}
      popupMatchSelectWidth={false}
      showSearch={{
        filterOption: false,
        onSearch: (text: string) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setSearch(text.trim()), PAUSE_MS);
        },
      }}
      onChange={(next: string | undefined) => onChange?.(next ?? null)}
    />
  );
}
