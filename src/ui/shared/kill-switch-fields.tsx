'use client';

import { Form, Input, Select } from 'antd';
import { useTranslations } from 'next-intl';
import { KILL_SWITCHES } from '@/contracts/api/people';
import { useLabel } from '../i18n/use-label';

type Level = (typeof KILL_SWITCHES)[number];

/** The switch of a form, and, once it is moved, the field where the name of what it stops is typed. */
export function KillSwitchFields({ label, current, name }: { label: string; current: Level; name: string }) {
  const kill = useLabel('killLevels');
  return (
    <>
      <Form.Item name="killSwitch" label={label}>
        <Select options={KILL_SWITCHES.map((value) => ({ value, label: kill(value) }))} />
      </Form.Item>
      <Form.Item noStyle dependencies={['killSwitch']}>
        {({ getFieldValue }) =>
          (getFieldValue('killSwitch') ?? current) === current ? null : <ConfirmField name={name} />
        }
      </Form.Item>
    </>
  );
}

/** Asks for the name, typed. */
export function ConfirmField({ name }: { name: string }) {
  const t = useTranslations('killSwitch');
  const message = t('confirm', { name });
  return (
    <Form.Item
      name="confirm"
      label={message}
      rules={[
        {
          validator: async (_rule, value?: string) =>
            value?.trim() === name.trim() ? undefined : Promise.reject(message),
        },
      ]}
    >
      <Input autoComplete="off" maxLength={100} />
    </Form.Item>
  );
}
