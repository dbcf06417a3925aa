'use client';

import { StopOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Modal, Radio, Tooltip } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { TenantView } from '@/contracts/api/identity';
import { KILL_SWITCHES } from '@/contracts/api/people';
import type { FlattenProgress, KillSwitchesView } from '@/contracts/api/safety';
import { call } from '../api/client';
import { useMe } from '../api/me';
import { FlattenCounts } from '../exits/flatten-counts';
import { useFailureNotice } from '../shared/failure';
import { ConfirmField } from '../shared/kill-switch-fields';
import styles from './shell.module.css';

type Level = TenantView['killSwitch'];

/** Stops copying for the whole tenant. */
export function KillSwitchButton() {
  const t = useTranslations('killSwitch');
  const { data: me } = useMe();
  const [open, setOpen] = useState(false);
  const active = me !== undefined && me.tenant.killSwitch !== 'none';
  return (
    <>
      <Tooltip title={t('title')}>
        <Button
          type={active ? 'primary' : 'text'}
          danger={active}
          icon={<StopOutlined />}
          aria-label={t('title')}
          onClick={() => setOpen(true)}
        />
      </Tooltip>
      {open && me !== undefined ? <KillSwitchForm tenant={me.tenant} close={() => setOpen(false)} /> : null}
    </>
  );
}

function KillSwitchForm({ tenant, close }: { tenant: TenantView; close: () => void }) {
  const current = tenant.killSwitch;
  const t = useTranslations('killSwitch');
  const { message } = App.useApp();
  const client = useQueryClient();
  const showFailure = useFailureNotice();
  const [level, setLevel] = useState<Level>(current);
  const [form] = Form.useForm<{ confirm: string }>();
  const change = useMutation({
    mutationFn: ({ confirm }: { confirm: string }) =>
      call<TenantView>('PATCH', '/tenant', { body: { killSwitch: level, confirm } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['me'] });
      message.success(level === 'none' ? t('released') : t('thrown'));
      close();
    },
    onError: showFailure,
  });
  return (
    <Modal
      open
      title={t('title')}
      onCancel={close}
      onOk={form.submit}
      okText={level === 'none' ? t('release') : t('throw')}
      okButtonProps={{ danger: level !== 'none', disabled: level === current, loading: change.isPending }}
    >
      <p className="quiet">{t('intro')}</p>
      <Radio.Group
        value={level}
        onChange={(event) => setLevel(event.target.value as Level)}
        vertical
        options={KILL_SWITCHES.map((value) => ({
          value,
          label: (
            <span>
              <strong>{t(`levels.${value}`)}</strong>
              <span className="quiet"> — {t(`effects.${value}`)}</span>
            </span>
          ),
        }))}
      />
      <Form form={form} layout="vertical" onFinish={(fields) => change.mutate(fields)} className={styles.confirm}>
        {level === current ? null : <ConfirmField name={tenant.name} />}
      </Form>
    </Modal>
  );
}

/** Says on every page of the console that copying is held back, by the tenant's switch or the platform's. */
export function KillSwitchNotice() {
  const t = useTranslations('killSwitch');
  const { data: me } = useMe();
  const { data: switches } = useQuery({
    queryKey: ['kill-switch'],
    queryFn: ({ signal }) => call<KillSwitchesView>('GET', '/kill-switch', { signal }),
  });
  const tenant = me?.tenant.killSwitch ?? 'none';
  const platform = switches?.platform.level ?? 'none';
  return (
    <>
      {platform === 'none' ? null : (
        <Alert
          className={styles.notice}
          type="error"
          showIcon
          title={`${t('platformActive')} ${t(`levels.${platform}`)}`}
          description={<Effect level={platform} progress={switches?.platform.flatten ?? null} />}
        />
      )}
      {tenant === 'none' ? null : (
        <Alert
          className={styles.notice}
          type="error"
          showIcon
          title={`${t('active')} ${t(`levels.${tenant}`)}`}
          description={<Effect level={tenant} progress={switches?.tenant.flatten ?? null} />}
        />
      )}
    </>
  );
}

function Effect({ level, progress }: { level: Level; progress: FlattenProgress | null }) {
  const t = useTranslations('killSwitch');
  return (
    <>
      {t(`effects.${level}`)}
      {progress === null ? null : <FlattenCounts progress={progress} />}
    </>
  );
}
