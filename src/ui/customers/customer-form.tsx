'use client';

import { useQueryClient } from '@tanstack/react-query';
import { App, Form, Input } from 'antd';
import { useTranslations } from 'next-intl';
import type { CustomerView } from '@/contracts/api/people';
import { call } from '../api/client';
import { fractionToPercent, percentToFraction, plain, readDecimal } from '../forms/decimals';
import { DecimalField } from '../forms/fields';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { KillSwitchFields } from '../shared/kill-switch-fields';

type Fields = {
  name: string;
  email?: string;
  password?: string;
  initialBalance?: string;
  maxLeverage?: string;
  maxOrderShare?: string;
  maxSymbolShare?: string;
  maxTotalShare?: string;
  note?: string;
  confirm?: string;
  killSwitch: CustomerView['killSwitch'];
};
type Props = {
  readonly customer: CustomerView | null;
  readonly close: () => void;
  readonly done: (customer: CustomerView) => void;
};

/** Creates a customer, or changes his limits. */
export function CustomerForm({ customer, close, done }: Props) {
  const t = useTranslations('customers');
  const c = useTranslations('common');
  const s = useTranslations('subscriptions.fields');
  const rules = useRules();
  const client = useQueryClient();
  const { message } = App.useApp();

  const submit = async (fields: Fields) => {
    const body = {
      name: fields.name.trim(),
      initialBalance: readDecimal(fields.initialBalance) ?? undefined,
      maxLeverage: readDecimal(fields.maxLeverage) ?? undefined,
      maxOrderShare: percentToFraction(fields.maxOrderShare),
      maxSymbolShare: percentToFraction(fields.maxSymbolShare),
      maxTotalShare: percentToFraction(fields.maxTotalShare),
      note: fields.note?.trim() || null,
    };
    const login = { email: fields.email?.trim() || undefined, password: fields.password || undefined };
    const answer = await (customer === null
      ? call<CustomerView>('POST', '/customers', { body: { ...body, ...login } })
      : call<CustomerView>('PATCH', `/customers/${customer.id}`, {
          body: { ...body, killSwitch: fields.killSwitch, confirm: fields.confirm },
        }));
    await Promise.all(
      [['list', '/customers'], ['customer'], ['overview']].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
    message.success(c('saved'));
    done(answer);
  };

  return (
    <FormDrawer<Fields>
      title={customer === null ? t('new') : t('edit')}
      submitText={customer === null ? c('create') : c('save')}
      initial={{
        name: customer?.name,
        initialBalance: plain(customer?.initialBalance ?? null),
        maxLeverage: plain(customer?.maxLeverage ?? '10'),
        maxOrderShare: fractionToPercent(customer?.maxOrderShare ?? null),
        maxSymbolShare: fractionToPercent(customer?.maxSymbolShare ?? null),
        maxTotalShare: fractionToPercent(customer?.maxTotalShare ?? null),
        note: customer?.note ?? undefined,
        killSwitch: customer?.killSwitch ?? 'none',
      }}
      submit={submit}
      close={close}
    >
      <Form.Item name="name" label={c('name')} rules={[rules.required]}>
        <Input maxLength={100} />
      </Form.Item>
      {customer === null ? (
        <>
          <Form.Item
            name="email"
            label={t('email')}
            extra={t('emailHint')}
            rules={[{ type: 'email', message: c('required') }]}
          >
            <Input inputMode="email" autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('password')}
            extra={t('passwordHint')}
            dependencies={['email']}
            rules={[
              { min: 10, message: t('passwordHint') },
              ({ getFieldValue }) => ({ required: Boolean(getFieldValue('email')), message: c('required') }),
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
        </>
      ) : null}
      <DecimalField name="initialBalance" label={t('initialBalance')} bound="balance" unit="USDT" />
      <DecimalField name="maxLeverage" label={t('maxLeverage')} bound="leverage" unit="×" required />
      <DecimalField
        name="maxOrderShare"
        label={s('maxOrderShare')}
        bound="share"
        hint={s('emptyDefault', { value: '5%' })}
      />
      <DecimalField
        name="maxSymbolShare"
        label={s('maxSymbolShare')}
        bound="share"
        hint={s('emptyDefault', { value: '30%' })}
      />
      <DecimalField
        name="maxTotalShare"
        label={s('maxTotalShare')}
        bound="share"
        hint={s('emptyDefault', { value: '100%' })}
      />
      {customer === null ? null : (
        <KillSwitchFields label={t('killSwitch')} current={customer.killSwitch} name={customer.name} />
      )}
      <Form.Item name="note" label={t('note_')}>
        <Input.TextArea maxLength={500} autoSize={{ minRows: 2, maxRows: 5 }} />
      </Form.Item>
    </FormDrawer>
  );
}
