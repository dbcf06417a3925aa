'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Page } from '@/contracts/api/common';
import type { InstrumentView } from '@/contracts/api/market';
import { dec, toText } from '@/domain/decimal';
import { call } from './client';

export function useInstruments() {
  return useQuery({
    queryKey: ['instruments'],
    queryFn: ({ signal }) => call<Page<InstrumentView>>('GET', '/instruments', { query: { limit: 1000 }, signal }),
    select: (page) => page.items,
    // Reference rows: steps and contract values change when a venue lists something, not while one looks.
    staleTime: 3_600_000,
  });
}

/** An instrument by its symbol; undefined while it is not known. */
export function useInstrument(symbol: string) {
  const { data } = useInstruments();
  return useMemo(() => {
    const found = data?.find((instrument) => instrument.symbol === symbol);
    if (found === undefined) return undefined;
    const value = dec(found.contractValue);
    return { ...found, toBase: (contracts: string) => toText(dec(contracts).times(value)) };
  }, [data, symbol]);
}
