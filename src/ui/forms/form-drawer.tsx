'use client';

import { Alert, Button, Drawer, Form, type FormInstance, Space } from 'antd';
import { useTranslations } from 'next-intl';
import { type ReactNode, useState } from 'react';
import { ApiError } from '../api/client';
import { FailureText } from '../shared/failure';

type Props<F> = {
  readonly title: ReactNode;
  readonly initial: Partial<F>;
  readonly submitText?: string;
  /** Rejects with ApiError when it was not accepted; its field is marked. */
  readonly submit: (fields: F) => Promise<void>;
  readonly close: () => void;
  readonly children: ReactNode | ((form: FormInstance<F>) => ReactNode);
};

/** A form beside the page. Mount it when it opens, so that it begins with fresh fields. */
export function FormDrawer<F extends object>({ title, initial, submitText, submit, close, children }: Props<F>) {
  const t = useTranslations('common');
  const [form] = Form.useForm<F>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);

  const finish = async (fields: F) => {
    setBusy(true);
    setFailure(null);
    try {
      await submit(fields);
    } catch (error) {
      setBusy(false);
      const field = error instanceof ApiError ? error.field : null;
      const known = field !== null && form.getFieldInstance(field.split('.')[0] as never) !== undefined;
      if (known && field !== null) {
        const name = field.split('.')[0] as never;
        form.setFields([{ name, errors: [(error as Error).message] }]);
        form.scrollToField(name);
      } else setFailure(error as Error);
    }
  };

  return (
    <Drawer
      open
      onClose={close}
      size="min(520px, 100vw)"
      title={title}
      footer={
        <Space style={{ display: 'flex', justifyContent: 'flex-end' }}>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="primary" loading={busy} onClick={() => form.submit()}>
            {submitText ?? t('save')}
          </Button>
        </Space>
      }
    >
      {failure === null ? null : (
        <Alert type="error" showIcon title={<FailureText error={failure} />} style={{ marginBottom: 16 }} />
      )}
      <Form<F>
        form={form}
        layout="vertical"
        initialValues={initial}
        onFinish={(fields) => void finish(fields)}
        autoComplete="off"
      >
        {typeof children === 'function' ? children(form) : children}
        {/* Enter in a field submits. */}
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </Form>
    </Drawer>
  );
}
