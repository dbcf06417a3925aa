'use client';

import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import type { Messages } from '../messages';

/** Words for a key that comes from outside (a code, a rule, a status): the key itself where we have none. */
export function useLabel(namespace: keyof Messages): (key: string) => string {
  const t = useTranslations(namespace);
  return useCallback(
    (key: string) => {
      const known = /^[A-Za-z0-9_-]+$/.test(key) && t.has(key as never);
      return known ? (t as unknown as (key: string) => string)(key) : key;
    },
    [t],
  );
}
