'use client';

import { useLocale } from 'next-intl';
import { useCallback } from 'react';
import { venueSentence } from '@/domain/venue-code-text';
import { useLabel } from './use-label';

/** Words for a code of ours or of a venue; the code itself where neither has any. */
export function useCode(): (code: string) => string {
  const label = useLabel('codes');
  const locale = useLocale();
  return useCallback(
    (code: string) => {
      const words = label(code);
      if (words !== code) return words;
      return venueSentence(code, locale === 'zh' ? 'zh' : 'en')?.replace(/[.。]$/, '') ?? code;
    },
    [label, locale],
  );
}
