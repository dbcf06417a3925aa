'use client';

import type { FormRule } from 'antd';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { dec } from '@/domain/decimal';
import { readDecimal } from './decimals';

function decimalRule(message: string, accepts: (text: string) => boolean): FormRule {
  return {
    validator: async (_rule, typed: unknown) => {
      const text = readDecimal(typed);
      if (text === null) return;
      if (text === undefined || !accepts(text)) throw new Error(message);
    },
  };
}

/** Checks of fields before they are sent; the API checks again. Empty fields pass all but `required`. */
export function useRules() {
  const t = useTranslations('common');
  return useMemo(
    () => ({
      required: { required: true, whitespace: true, message: t('required') } satisfies FormRule,
      chosen: { required: true, message: t('required') } satisfies FormRule,
      positive: decimalRule(t('positiveNumber'), (text) => dec(text).gt(0)),
      notNegative: decimalRule(t('numberNeeded'), (text) => dec(text).gte(0)),
      percent: decimalRule(t('percentNeeded'), (text) => dec(text).gt(0) && dec(text).lte(100)),
    }),
    [t],
  );
}
