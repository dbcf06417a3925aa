'use client';

import type { FormRule } from 'antd';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { BOUNDS, type BoundName, outOfBounds } from '@/domain/bounds';
import { dec, toText } from '@/domain/decimal';
import { readDecimal } from './decimals';

/** People type a share in percent; see `percentToFraction`. */
export function isTypedInPercent(bound: BoundName): boolean {
  return bound === 'share';
}

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
      within: (bound: BoundName) => {
        const unit = isTypedInPercent(bound) ? 100 : 1;
        const { least, most } = BOUNDS[bound];
        const message = t('numberBetween', { least: toText(least.times(unit)), most: toText(most.times(unit)) });
        return decimalRule(message, (text) => outOfBounds(bound, dec(text).div(unit)) === null);
      },
    }),
    [t],
  );
}
