'use client';

import { useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Select } from 'antd';
import { useTranslations } from 'next-intl';
import type { StrategyView } from '@/contracts/api/copying';
import { call } from '../api/client';
import { useInstruments } from '../api/instruments';
import { useSourceOptions } from '../api/names';
import { fractionToPercent, percentToFraction, plain, readDecimal } from '../forms/decimals';
import { DecimalField, needsValue, SizingFields } from '../forms/fields';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { KillSwitchFields } from '../shared/kill-switch-fields';

type Fields = {
  name: string;
  signalSourceId: string;
  description?: string;
  followRatio: string;
  sizingMode: StrategyView['sizingMode'];
  sizingValue?: string;
  defaultLeverage: string;
  maxLeverage: string;
  symbols?: string[];
  maxSlippage?: string;
  confirm?: string;
  killSwitch: StrategyView['killSwitch'];
};

/** Creates a strategy, or changes one. */
export function StrategyForm({ strategy, close }: { strategy: StrategyView | null; close: () => void }) {
  const t = useTranslations('strategies');
  const c = useTranslations('common');
  const rules = useRules();
  const client = useQueryClient();
  const { message } = App.useApp();
  const sources = useSourceOptions();
  const instruments = useInstruments();

  const submit = async (fields: Fields) => {
    const symbols = fields.symbols ?? [];
    const body = {
      name: fields.name.trim(),
      description: fields.description?.trim() || null,
      followRatio: readDecimal(fields.followRatio),
      sizingMode: fields.sizingMode,
      sizingValue: needsValue(fields.sizingMode) ? readDecimal(fields.sizingValue) : null,
      defaultLeverage: readDecimal(fields.defaultLeverage),
      maxLeverage: readDecimal(fields.maxLeverage),
      symbols: symbols.length === 0 ? null : symbols,
      maxSlippage: percentToFraction(fields.maxSlippage),
    };
    if (strategy === null) {
      await call('POST', '/strategies', { body: { ...body, signalSourceId: fields.signalSourceId } });
    } else {
      await call('PATCH', `/strategies/${strategy.id}`, {
        body: { ...body, killSwitch: fields.killSwitch, confirm: fields.confirm },
      });
    }
    await client.invalidateQueries({ queryKey: ['list', '/strategies'] });
    message.success(c('saved'));
    close();
  };

  return (
    <FormDrawer<Fields>
      title={strategy === null ? t('new') : t('edit')}
      submitText={strategy === null ? c('create') : c('save')}
      initial={{
        name: strategy?.name,
        signalSourceId: strategy?.signalSourceId,
        description: strategy?.description ?? undefined,
        followRatio: plain(strategy?.followRatio ?? '0.1'),
        sizingMode: strategy?.sizingMode ?? 'ratio',
        sizingValue: plain(strategy?.sizingValue ?? null),
        defaultLeverage: plain(strategy?.defaultLeverage ?? '1'),
        maxLeverage: plain(strategy?.maxLeverage ?? '10'),
        symbols: strategy?.symbols ?? [],
        maxSlippage: fractionToPercent(strategy?.maxSlippage ?? null),
        killSwitch: strategy?.killSwitch ?? 'none',
      }}
      submit={submit}
      close={close}
    >
      <Form.Item name="name" label={c('name')} rules={[rules.required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="signalSourceId" label={t('source')} rules={[rules.chosen]}>
        <Select options={[...sources.options]} loading={sources.loading} disabled={strategy !== null} />
      </Form.Item>
      <Form.Item name="description" label={t('description')} extra={t('descriptionHint')}>
        <Input.TextArea maxLength={1000} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
      <SizingFields label={t('sizingMode')} />
      <DecimalField name="followRatio" label={t('followRatio')} bound="followRatio" required />
      <DecimalField
        name="defaultLeverage"
        label={t('defaultLeverage')}
        hint={t('defaultLeverageHint')}
        bound="leverage"
        unit="×"
        required
      />
      <DecimalField name="maxLeverage" label={t('maxLeverage')} bound="leverage" unit="×" required />
      <Form.Item name="symbols" label={t('symbols')} extra={t('symbolsHint')}>
        <Select
          mode="multiple"
          allowClear
          loading={instruments.isLoading}
          options={(instruments.data ?? []).map(({ symbol }) => ({ value: symbol, label: symbol }))}
        />
      </Form.Item>
      <DecimalField name="maxSlippage" label={t('maxSlippage')} hint={t('maxSlippageHint')} bound="share" />
      {strategy === null ? null : (
        <KillSwitchFields label={t('killSwitch')} current={strategy.killSwitch} name={strategy.name} />
      )}
    </FormDrawer>
  );
}
