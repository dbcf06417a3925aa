'use client';

import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Form, Input, Popconfirm, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ApiTokenView } from '@/contracts/api/identity';
import { USER_ROLES, type UserRole } from '@/contracts/api/operation';
import { call } from '../api/client';
import { useList } from '../api/lists';
import { FormDrawer } from '../forms/form-drawer';
import { useRules } from '../forms/rules';
import { CustomerSelect } from '../shared/customer-select';
import { useFailureNotice } from '../shared/failure';
import { type Columns, ListTable } from '../shared/list-table';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { CopyBox } from '../shared/short-id';
import { Status } from '../shared/status';
import { When } from '../shared/when';

function stateOf(token: ApiTokenView): 'revoked' | 'expired' | 'active' {
  if (token.revokedAt !== null) return 'revoked';
  return token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now() ? 'expired' : 'active';
}

export function TokensPage() {
  const t = useTranslations('tokens');
  const c = useTranslations('common');
  const roles = useTranslations('shell.roles');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  const list = useList<ApiTokenView>('/api-tokens');
  const [creating, setCreating] = useState(false);
  const revoke = useMutation({
    mutationFn: (id: string) => call('DELETE', `/api-tokens/${id}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['list', '/api-tokens'] });
      message.success(t('revoked'));
    },
    onError: showFailure,
  });
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t('new')}
    </Button>
  );
  const columns: Columns<ApiTokenView> = [
    { title: c('name'), dataIndex: 'name', render: (name: string) => <strong>{name}</strong> },
    { title: t('prefix'), key: 'prefix', render: (_, row) => <span className="mono">{row.prefix}…</span> },
    { title: t('role'), key: 'role', render: (_, row) => roles(row.role) },
    { title: c('created'), key: 'created', render: (_, row) => <When at={row.createdAt} /> },
    {
      title: t('lastUsed'),
      key: 'used',
      render: (_, row) => (row.lastUsedAt === null ? c('never') : <When at={row.lastUsedAt} />),
    },
    {
      title: t('expires'),
      key: 'expires',
      render: (_, row) => (row.expiresAt === null ? c('never') : <When at={row.expiresAt} absolute />),
    },
    { title: c('status'), key: 'status', render: (_, row) => <Status value={stateOf(row)} /> },
    {
      title: '',
      key: 'actions',
      align: 'right',
      render: (_, row) =>
        stateOf(row) === 'active' ? (
          <Popconfirm title={t('revokeConfirm')} onConfirm={() => revoke.mutate(row.id)}>
            <Button size="small" danger>
              {t('revoke')}
            </Button>
          </Popconfirm>
        ) : null,
    },
  ];
  return (
    <>
      <PageHead title={t('title')} note={t('note')} actions={create} />
      <Panel flush>
        <ListTable
          list={list}
          columns={columns}
          rowKey={(row) => row.id}
          empty={<EmptyHint title={t('empty')} hint={t('emptyHint')} action={create} />}
        />
      </Panel>
      {creating ? <TokenForm close={() => setCreating(false)} /> : null}
    </>
  );
}

type Fields = { name: string; role: UserRole; customerId?: string; expiresAt?: Dayjs };

function TokenForm({ close }: { close: () => void }) {
  const t = useTranslations('tokens');
  const c = useTranslations('common');
  const roles = useTranslations('shell.roles');
  const rules = useRules();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const submit = async ({ name, role, customerId, expiresAt }: Fields) => {
    const created = await call<ApiTokenView & { token: string }>('POST', '/api-tokens', {
      body: {
        name: name.trim(),
        role,
        ...(role === 'customer' ? { customerId } : {}),
        ...(expiresAt ? { expiresAt: expiresAt.endOf('day').toISOString() } : {}),
      },
    });
    await client.invalidateQueries({ queryKey: ['list', '/api-tokens'] });
    close();
    modal.success({
      title: t('created'),
      width: 600,
      content: (
        <>
          <p>{t('once')}</p>
          <CopyBox text={created.token} />
          <p className="quiet small">
            {t('usage')} <code className="mono">Authorization: Bearer …</code>
          </p>
        </>
      ),
    });
  };
  return (
    <FormDrawer<Fields>
      title={t('new')}
      submitText={c('create')}
      initial={{ role: 'admin' }}
      submit={submit}
      close={close}
    >
      <Form.Item name="name" label={c('name')} rules={[rules.required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="role" label={t('role')} rules={[rules.chosen]}>
        <Select options={USER_ROLES.map((value) => ({ value, label: roles(value) }))} />
      </Form.Item>
      <Form.Item noStyle shouldUpdate={(before, now) => before.role !== now.role}>
        {({ getFieldValue }) =>
          getFieldValue('role') === 'customer' ? (
            <Form.Item name="customerId" label={c('customer')} rules={[rules.chosen]}>
              <CustomerSelect />
            </Form.Item>
          ) : null
        }
      </Form.Item>
      <Form.Item name="expiresAt" label={t('expires')} extra={t('expiresHint')}>
        <DatePicker style={{ width: '100%' }} disabledDate={(day) => day.endOf('day').valueOf() < Date.now()} />
      </Form.Item>
    </FormDrawer>
  );
}
