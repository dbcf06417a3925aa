'use client';

import { useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Select, Switch } from 'antd';
import { useLocale, useTranslations } from 'next-intl';
import type { ChannelLocale, NotificationChannelView } from '@/contracts/api/notifications';
import { call } from '../api/client';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { CustomerSelect } from '../shared/customer-select';

type Fields = {
  name: string;
  url?: string;
  secret?: string;
  locale: ChannelLocale;
  enabled: boolean;
  customerId?: string | null;
};

/** Adds a DingTalk robot, or changes one. */
export function ChannelForm({ channel, close }: { channel: NotificationChannelView | null; close: () => void }) {
  const t = useTranslations('channels');
  const c = useTranslations('common');
  const rules = useRules();
  const locale = useLocale();
  const client = useQueryClient();
  const { message } = App.useApp();
  const fresh = channel === null;

  const submit = async (fields: Fields) => {
    const shared = { name: fields.name.trim(), locale: fields.locale, enabled: fields.enabled };
    const url = fields.url?.trim() || undefined;
    const secret = fields.secret?.trim() || undefined;
    if (fresh) {
      const customerId = fields.customerId ?? null;
      await call('POST', '/notification-channels', { body: { ...shared, url, secret, customerId } });
    } else {
      await call('PATCH', `/notification-channels/${channel.id}`, { body: { ...shared, url, secret } });
    }
    await client.invalidateQueries({ queryKey: ['list', '/notification-channels'] });
    message.success(c('saved'));
    close();
  };

  return (
    <FormDrawer<Fields>
      title={fresh ? t('new') : t('edit')}
      submitText={fresh ? c('create') : c('save')}
      initial={{ name: channel?.name, locale: channel?.locale ?? locale, enabled: channel?.enabled ?? true }}
      submit={submit}
      close={close}
    >
      <Form.Item name="name" label={c('name')} rules={[rules.required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item
        name="url"
        label={t('url')}
        extra={fresh ? t('urlHint') : t('urlKeep', { masked: channel.maskedUrl })}
        rules={fresh ? [rules.required] : []}
      >
        <Input placeholder="https://oapi.dingtalk.com/robot/send?access_token=…" autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="secret"
        label={t('secret')}
        extra={fresh ? t('secretHint') : t('secretKeep')}
        rules={fresh ? [rules.required] : []}
      >
        <Input.Password placeholder="SEC…" autoComplete="off" />
      </Form.Item>
      <Form.Item name="locale" label={t('locale')} rules={[rules.chosen]}>
        <Select
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </Form.Item>
      {fresh ? (
        <Form.Item name="customerId" label={t('customer')} extra={t('customerHint')}>
          <CustomerSelect />
        </Form.Item>
      ) : null}
      <Form.Item name="enabled" label={t('enabled')} valuePropName="checked">
        <Switch />
      </Form.Item>
    </FormDrawer>
  );
}
