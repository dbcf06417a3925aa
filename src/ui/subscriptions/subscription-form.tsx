'use client';

import { useQueryClient } from '@tanstack/react-query';
import { App, Form, Select, Switch } from 'antd';
import { useTranslations } from 'next-intl';
import type { StrategyView, SubscriptionView } from '@/contracts/api/copying';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { DRIFT_POLICIES } from '@/domain/drift';
import { call } from '../api/client';
import { useList } from '../api/lists';
import { useStrategyOptions } from '../api/names';
import { formatDecimal } from '../format/numbers';
import { fractionToPercent, percentToFraction, plain, readDecimal } from '../forms/decimals';
import { DecimalField, needsValue, SizingFields } from '../forms/fields';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { CustomerSelect } from '../shared/customer-select';

type Fields = {
  customerId?: string;
  strategyId: string;
  accountId: string;
  followRatio?: string;
  sizingMode?: SubscriptionView['sizingMode'];
  sizingValue?: string;
  maxLeverage?: string;
  maxOrderShare?: string;
  maxSymbolShare?: string;
  maxTotalShare?: string;
  maxSlippage?: string;
  forceMinimum: boolean;
  reduceToCap: boolean;
  reverse: boolean;
  driftPolicy: SubscriptionView['driftPolicy'];
};

type Props = {
  readonly subscription: SubscriptionView | null;
  /** Follows as this customer; null: an admin chooses one. */
  readonly customerId: string | null;
  /** Chosen already. */
  readonly strategy?: StrategyView;
  readonly title: string;
  readonly submitText: string;
  readonly saidWhenDone: string;
  readonly close: () => void;
};

/** Follows a strategy, or changes the settings of a subscription. */
export function SubscriptionForm(props: Props) {
  const { subscription, customerId, strategy, title, submitText, saidWhenDone, close } = props;
  const client = useQueryClient();
  const { message } = App.useApp();

  const submit = async (fields: Fields) => {
    const settings = {
      followRatio: readDecimal(fields.followRatio),
      sizingMode: fields.sizingMode ?? null,
      sizingValue: needsValue(fields.sizingMode) ? readDecimal(fields.sizingValue) : null,
      maxLeverage: readDecimal(fields.maxLeverage),
      maxOrderShare: percentToFraction(fields.maxOrderShare),
      maxSymbolShare: percentToFraction(fields.maxSymbolShare),
      maxTotalShare: percentToFraction(fields.maxTotalShare),
      maxSlippage: percentToFraction(fields.maxSlippage),
      forceMinimum: fields.forceMinimum,
      reduceToCap: fields.reduceToCap,
      reverse: fields.reverse,
      driftPolicy: fields.driftPolicy,
    };
    if (subscription === null) {
      const { strategyId, accountId } = fields;
      await call('POST', '/subscriptions', { body: { ...settings, strategyId, accountId } });
    } else {
      await call('PATCH', `/subscriptions/${subscription.id}`, { body: settings });
    }
    await Promise.all(
      [['list', '/subscriptions'], ['list', '/strategies'], ['overview']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
    message.success(saidWhenDone);
    close();
  };

  return (
    <FormDrawer<Fields>
      title={title}
      submitText={submitText}
      initial={{
        customerId: subscription?.customerId ?? customerId ?? undefined,
        strategyId: subscription?.strategyId ?? strategy?.id,
        accountId: subscription?.accountId,
        followRatio: plain(subscription?.followRatio ?? null),
        sizingMode: subscription?.sizingMode ?? undefined,
        sizingValue: plain(subscription?.sizingValue ?? null),
        maxLeverage: plain(subscription?.maxLeverage ?? null),
        maxOrderShare: fractionToPercent(subscription?.maxOrderShare ?? null),
        maxSymbolShare: fractionToPercent(subscription?.maxSymbolShare ?? null),
        maxTotalShare: fractionToPercent(subscription?.maxTotalShare ?? null),
        maxSlippage: fractionToPercent(subscription?.maxSlippage ?? null),
        forceMinimum: subscription?.forceMinimum ?? false,
        reduceToCap: subscription?.reduceToCap ?? false,
        reverse: subscription?.reverse ?? false,
        driftPolicy: subscription?.driftPolicy ?? 'repair',
      }}
      submit={submit}
      close={close}
    >
      <Whom subscription={subscription} customerId={customerId} fixedStrategy={strategy !== undefined} />
      <Settings strategy={strategy} />
    </FormDrawer>
  );
}

type WhomProps = {
  readonly subscription: SubscriptionView | null;
  readonly customerId: string | null;
  readonly fixedStrategy: boolean;
};

function Whom({ subscription, customerId, fixedStrategy }: WhomProps) {
  const t = useTranslations('subscriptions.fields');
  const rules = useRules();
  const form = Form.useFormInstance<Fields>();
  const chosen = Form.useWatch<string | undefined>('customerId');
  const owner = customerId ?? chosen ?? '';
  const fresh = subscription === null;
  const strategies = useStrategyOptions(fresh && !fixedStrategy);
  const accounts = useList<ExchangeAccountView>(
    '/exchange-accounts',
    { customerId: owner },
    { limit: 50, enabled: fresh && owner !== '' },
  );
  if (!fresh) return null;
  return (
    <>
      {customerId === null ? (
        <Form.Item name="customerId" label={t('customer')} rules={[rules.chosen]}>
          <CustomerSelect onChange={() => form.setFieldValue('accountId', undefined)} />
        </Form.Item>
      ) : null}
      {fixedStrategy ? (
        <Form.Item name="strategyId" hidden>
          <Select />
        </Form.Item>
      ) : (
        <Form.Item name="strategyId" label={t('strategy')} rules={[rules.chosen]}>
          <Select options={[...strategies.options]} loading={strategies.loading} />
        </Form.Item>
      )}
      <Form.Item name="accountId" label={t('account')} rules={[rules.chosen]}>
        <Select
          disabled={owner === ''}
          loading={accounts.isLoading}
          options={accounts.rows.map(({ id, label, keyHint }) => ({ value: id, label: `${label} (…${keyHint})` }))}
        />
      </Form.Item>
    </>
  );
}

function Settings({ strategy: given }: { strategy?: StrategyView }) {
  const t = useTranslations('subscriptions.fields');
  const p = useTranslations('portal.strategies');
  const chosen = Form.useWatch<string | undefined>('strategyId');
  const strategies = useStrategyOptions(given === undefined);
  const strategy = given ?? strategies.strategies.find(({ id }) => id === chosen);
  const ratio = strategy === undefined ? '—' : formatDecimal(strategy.followRatio);
  return (
    <>
      <DecimalField
        name="followRatio"
        label={t('followRatio')}
        hint={p('ratioHint', { value: ratio })}
        bound="followRatio"
        placeholder={ratio}
      />
      <SizingFields inherited label={t('sizingMode')} />
      <DecimalField
        name="maxLeverage"
        label={t('maxLeverage')}
        bound="leverage"
        unit="×"
        placeholder={strategy === undefined ? undefined : formatDecimal(strategy.maxLeverage)}
      />
      <DecimalField
        name="maxOrderShare"
        label={t('maxOrderShare')}
        bound="share"
        hint={t('emptyDefault', { value: '5%' })}
      />
      <DecimalField
        name="maxSymbolShare"
        label={t('maxSymbolShare')}
        bound="share"
        hint={t('emptyDefault', { value: '30%' })}
      />
      <DecimalField
        name="maxTotalShare"
        label={t('maxTotalShare')}
        bound="share"
        hint={t('emptyDefault', { value: '100%' })}
      />
      <DecimalField name="maxSlippage" label={t('maxSlippage')} bound="share" />
      <Form.Item name="forceMinimum" valuePropName="checked" label={t('forceMinimum')}>
        <Switch />
      </Form.Item>
      <Form.Item name="reduceToCap" valuePropName="checked" label={t('reduceToCap')}>
        <Switch />
      </Form.Item>
      <Form.Item name="reverse" valuePropName="checked" label={t('reverse')}>
        <Switch />
      </Form.Item>
      <Form.Item name="driftPolicy" label={t('driftPolicy')} extra={t('driftHint')}>
        <Select options={DRIFT_POLICIES.map((value) => ({ value, label: t(`driftPolicies.${value}`) }))} />
      </Form.Item>
    </>
  );
}
