'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Select } from 'antd';
import { useTranslations } from 'next-intl';
import type { ExchangeAccountView } from '@/contracts/api/people';
import { ACCOUNT_MODES } from '@/domain/account-mode';
import { call } from '../api/client';
import { useMe } from '../api/me';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { useLabel } from '../i18n/use-label';
import { KeyGuide } from './key-guide';

/** The numbers of the picture. */
const CIRCLED = ['①', '②', '③'] as const;

type Fields = {
  label: string;
  mode: ExchangeAccountView['mode'];
  marginMode: ExchangeAccountView['marginMode'];
  apiKey: string;
  secret: string;
  passphrase: string;
};

type Props = {
  /** Whose key is replaced; null: a new account. */
  readonly account: ExchangeAccountView | null;
  /** For whom an admin connects; null: the customer himself. */
  readonly customerId: string | null;
  readonly close: () => void;
};

/** The key form: three fields, where to find each, and what to tick. */
export function AccountForm({ account, customerId, close }: Props) {
  const t = useTranslations('portal.account');
  const mode = useLabel('modes');
  const margin = useLabel('marginModes');
  const rules = useRules();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { data: me } = useMe();
  const modes = ACCOUNT_MODES.filter((value) => value !== 'live' || me?.liveTrading === true);

  const submit = async ({ mode: chosen, ...fields }: Fields) => {
    if (account === null) {
      const owner = customerId === null ? {} : { customerId };
      await call('POST', '/exchange-accounts', { body: { ...fields, ...owner, mode: chosen } });
    } else {
      await call('PATCH', `/exchange-accounts/${account.id}`, { body: fields });
    }
    await Promise.all(
      [['list', '/exchange-accounts'], ['overview']].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
    message.success(t('connected'));
    close();
  };

  return (
    <FormDrawer<Fields>
      title={account === null ? t('connect') : t('replaceKey')}
      submitText={t('submit')}
      initial={{
        label: account?.label ?? t('labelDefault'),
        mode: account?.mode ?? 'demo',
        marginMode: account?.marginMode ?? 'cross',
      }}
      submit={submit}
      close={close}
    >
      {account === null ? null : <p className="quiet">{t('replaceHint')}</p>}
      {account === null ? (
        <Form.Item name="mode" label={t('mode')} rules={[rules.chosen]}>
          <Select options={modes.map((value) => ({ value, label: mode(value) }))} />
        </Form.Item>
      ) : null}
      <Form.Item noStyle shouldUpdate={(before, now) => before.mode !== now.mode}>
        {({ getFieldValue }) => (
          <>
            {getFieldValue('mode') === 'live' ? (
              <Alert type="warning" showIcon title={t('liveHint')} style={{ marginBottom: 16 }} />
            ) : null}
            {getFieldValue('mode') === 'simulated' ? null : (
              <section style={{ marginBottom: 20 }}>
                <h3 style={{ margin: '0 0 8px', fontSize: 14 }}>{t('howTitle')}</h3>
                <KeyGuide demo={getFieldValue('mode') === 'demo'} />
              </section>
            )}
          </>
        )}
      </Form.Item>
      <Form.Item name="apiKey" label={`${CIRCLED[0]} ${t('apiKey')}`} extra={t('apiKeyWhere')} rules={[rules.required]}>
        <Input autoComplete="off" spellCheck={false} className="mono" />
      </Form.Item>
      <Form.Item name="secret" label={`${CIRCLED[1]} ${t('secret')}`} extra={t('secretWhere')} rules={[rules.required]}>
        <Input.Password autoComplete="off" spellCheck={false} className="mono" />
      </Form.Item>
      <Form.Item
        name="passphrase"
        label={`${CIRCLED[2]} ${t('passphrase')}`}
        extra={t('passphraseWhere')}
        rules={[rules.required]}
      >
        <Input.Password autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="label" label={t('label')} rules={[rules.required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="marginMode" label={t('marginMode')} extra={t('marginModeHint')} rules={[rules.chosen]}>
        <Select options={(['cross', 'isolated'] as const).map((value) => ({ value, label: margin(value) }))} />
      </Form.Item>
    </FormDrawer>
  );
}
