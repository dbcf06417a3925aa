'use client';

import { useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslations } from 'next-intl';
import { SIGNAL_FORMAT_KEYS, type SignalSourceView } from '@/contracts/api/copying';
import { call } from '../api/client';
import { plain, readDecimal } from '../forms/decimals';
import { DecimalField } from '../forms/fields';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { useLabel } from '../i18n/use-label';
import { useOneTimeKey } from './one-time-key';

type Fields = {
  name: string;
  format: string;
  maxLagSeconds: number;
  leaderEquity: string;
  allowedIps: string[];
  usdMeansUsdt: boolean;
  signed: boolean;
};
type Answer = SignalSourceView & { hmacKey: string | null };
type Props = {
  readonly source: SignalSourceView | null;
  readonly close: () => void;
  readonly done: (source: SignalSourceView) => void;
};

/** Creates a source, or changes one. */
export function SourceForm({ source, close, done }: Props) {
  const t = useTranslations('sources');
  const c = useTranslations('common');
  const format = useLabel('formats');
  const rules = useRules();
  const client = useQueryClient();
  const { message } = App.useApp();
  const showKey = useOneTimeKey();

  const submit = async (fields: Fields) => {
    const body = {
      name: fields.name.trim(),
      format: fields.format,
      maxLagMs: Math.round(fields.maxLagSeconds * 1000),
      leaderEquity: readDecimal(fields.leaderEquity),
      allowedIps: fields.allowedIps.length === 0 ? null : fields.allowedIps,
      usdMeansUsdt: fields.usdMeansUsdt,
    };
    const answer = await (source === null
      ? call<Answer>('POST', '/signal-sources', { body: { ...body, signed: fields.signed } })
      : call<Answer>('PATCH', `/signal-sources/${source.id}`, { body }));
    await client.invalidateQueries({ queryKey: ['list', '/signal-sources'] });
    message.success(c('saved'));
    if (answer.hmacKey !== null) showKey(answer.hmacKey);
    done(answer);
  };

  return (
    <FormDrawer<Fields>
      title={source === null ? t('new') : t('edit')}
      submitText={source === null ? c('create') : c('save')}
      initial={{
        name: source?.name,
        format: source?.format ?? 'auto',
        maxLagSeconds: (source?.maxLagMs ?? 60_000) / 1000,
        leaderEquity: plain(source?.leaderEquity ?? '10000'),
        allowedIps: source?.allowedIps ?? [],
        usdMeansUsdt: source?.usdMeansUsdt ?? false,
        signed: false,
      }}
      submit={submit}
      close={close}
    >
      <Form.Item name="name" label={c('name')} rules={[rules.required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="format" label={t('format')} rules={[rules.chosen]}>
        <Select options={SIGNAL_FORMAT_KEYS.map((value) => ({ value, label: format(value) }))} />
      </Form.Item>
      <Form.Item name="maxLagSeconds" label={t('maxLag')} extra={t('maxLagHint')} rules={[rules.chosen]}>
        <InputNumber min={1} max={86_400} precision={0} style={{ width: '100%' }} />
      </Form.Item>
      <DecimalField
        name="leaderEquity"
        label={t('leaderEquity')}
        hint={t('leaderEquityHint')}
        bound="leaderEquity"
        required
      />
      <Form.Item name="allowedIps" label={t('allowedIps')} extra={t('allowedIpsHint')}>
        <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ', ';']} />
      </Form.Item>
      <Form.Item name="usdMeansUsdt" label={t('usdMeansUsdt')} extra={t('usdMeansUsdtHint')} valuePropName="checked">
        <Switch />
      </Form.Item>
      {source === null ? (
        <Form.Item name="signed" label={t('signed')} extra={t('signedHint')} valuePropName="checked">
          <Switch />
        </Form.Item>
      ) : null}
    </FormDrawer>
  );
}
