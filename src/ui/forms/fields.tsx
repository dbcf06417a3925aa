'use client';

import { Form, Input, Select } from 'antd';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { BoundName } from '@/domain/bounds';
import { SIZING_MODES, SIZING_VALUE_BOUNDS } from '@/domain/sizing';
import { useLabel } from '../i18n/use-label';
import { isTypedInPercent, useRules } from './rules';

type DecimalProps = {
  readonly name: string;
  readonly label: ReactNode;
  readonly bound: BoundName;
  readonly unit?: string;
  readonly hint?: ReactNode;
  readonly required?: boolean;
  readonly placeholder?: string;
};

/** A decimal as text: no float ever holds what a person typed. */
export function DecimalField({ name, label, bound, unit, hint, required = false, placeholder }: DecimalProps) {
  const rules = useRules();
  return (
    <Form.Item
      name={name}
      label={label}
      extra={hint}
      rules={[...(required ? [rules.required] : []), rules.within(bound)]}
    >
      <Input
        inputMode="decimal"
        suffix={unit ?? (isTypedInPercent(bound) ? '%' : undefined)}
        placeholder={placeholder}
      />
    </Form.Item>
  );
}

const WITH_VALUE = ['fixed_notional', 'fixed_margin', 'percent_balance', 'risk_percent', 'fixed_quantity'] as const;
type ModeWithValue = (typeof WITH_VALUE)[number];

export function needsValue(mode: string | null | undefined): mode is ModeWithValue {
  return WITH_VALUE.some((each) => each === mode);
}

/** Sizing mode, and the number it needs, if any. `inherited`: empty means the strategy's own. */
export function SizingFields({ inherited = false, label }: { inherited?: boolean; label: ReactNode }) {
  const t = useTranslations('strategies');
  const c = useTranslations('common');
  const units = useTranslations('sizingUnits');
  const mode = useLabel('sizing');
  const hint = useLabel('sizingHints');
  const rules = useRules();
  const chosen = Form.useWatch<string | null | undefined>('sizingMode');
  return (
    <>
      <Form.Item
        name="sizingMode"
        label={label}
        rules={inherited ? [] : [rules.chosen]}
        extra={chosen === undefined || chosen === null ? undefined : hint(chosen)}
      >
        <Select
          allowClear={inherited}
          placeholder={c('default')}
          options={SIZING_MODES.map((value) => ({ value, label: mode(value) }))}
        />
      </Form.Item>
      {needsValue(chosen) ? (
        <DecimalField
          name="sizingValue"
          label={t('sizingValue')}
          bound={SIZING_VALUE_BOUNDS[chosen] ?? 'sizingValue'}
          unit={units(chosen)}
          required
        />
      ) : null}
    </>
  );
}
