'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Popconfirm, Space, Switch } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SignalSourceView, StrategyView } from '@/contracts/api/copying';
import { dec, toText } from '@/domain/decimal';
import { call } from '../api/client';
import { useInstruments } from '../api/instruments';
import { useList } from '../api/lists';
import { useFailureNotice } from '../shared/failure';
import { CopyBox } from '../shared/short-id';
import { curlExample, type Example } from './examples';
import { useOneTimeKey } from './one-time-key';
import { SourceForm } from './source-form';

const DEFAULT = 'BTC-USDT-SWAP';

type Props = { readonly source: SignalSourceView | null; readonly admin: boolean; readonly close: () => void };

/** Address of a source, and a command that sends a first signal to it. */
export function SourceDrawer({ source, admin, close }: Props) {
  return (
    <Drawer open={source !== null} onClose={close} size="min(640px, 100vw)" title={source?.name} destroyOnHidden>
      {source === null ? null : <Body source={source} admin={admin} />}
    </Drawer>
  );
}

type Change = { enabled?: boolean; rotateToken?: true; rotateHmacKey?: true };

function Body({ source, admin }: { source: SignalSourceView; admin: boolean }) {
  const t = useTranslations('sources');
  const c = useTranslations('common');
  const client = useQueryClient();
  const { message } = App.useApp();
  const showFailure = useFailureNotice();
  const showKey = useOneTimeKey();
  const [editing, setEditing] = useState(false);
  const example = useExample(source);
  const change = useMutation({
    mutationFn: (body: Change) =>
      call<SignalSourceView & { hmacKey: string | null }>('PATCH', `/signal-sources/${source.id}`, { body }),
    onSuccess: async (answer, body) => {
      await client.invalidateQueries({ queryKey: ['list', '/signal-sources'] });
      message.success(body.rotateToken === true ? t('rotated') : c('saved'));
      if (answer.hmacKey !== null) showKey(answer.hmacKey);
    },
    onError: showFailure,
  });

  return (
    <Space orientation="vertical" size="large" style={{ width: '100%' }}>
      {admin ? (
        <Space wrap>
          <Switch
            checked={source.enabled}
            loading={change.isPending && change.variables?.enabled !== undefined}
            onChange={(enabled) => change.mutate({ enabled })}
            aria-label={t('enabled')}
          />
          <span>{source.enabled ? t('enabled') : t('disabled')}</span>
          <Button onClick={() => setEditing(true)}>{c('edit')}</Button>
        </Space>
      ) : null}
      {source.usdMeansUsdt ? (
        <p className="quiet small">
          {t('usdMeansUsdt')}. {t('usdMeansUsdtHint')}
        </p>
      ) : null}
      {source.webhookUrl === null ? (
        <p className="quiet">{t('noAddress')}</p>
      ) : (
        <>
          <section>
            <h3>{t('address')}</h3>
            <CopyBox text={source.webhookUrl} />
            <p className="quiet small">{t('addressHint')}</p>
            <Space wrap>
              <Popconfirm title={t('rotateConfirm')} onConfirm={() => change.mutate({ rotateToken: true })}>
                <Button size="small">{t('rotate')}</Button>
              </Popconfirm>
              {source.signed ? (
                <Popconfirm title={t('newKey')} onConfirm={() => change.mutate({ rotateHmacKey: true })}>
                  <Button size="small">{t('newKey')}</Button>
                </Popconfirm>
              ) : null}
            </Space>
          </section>
          <section>
            <h3>{t('example')}</h3>
            <CopyBox text={curlExample(example, source.webhookUrl)} multiline />
            <p className="quiet small">{t('exampleHint')}</p>
          </section>
        </>
      )}
      {editing ? <SourceForm source={source} close={() => setEditing(false)} done={() => setEditing(false)} /> : null}
    </Space>
  );
}

/** What a first signal could open: an instrument that a strategy of the source allows, ten contracts of it. */
function useExample({ id, format, signed }: SignalSourceView): Example {
  const strategies = useList<StrategyView>('/strategies', { signalSourceId: id });
  const { data: instruments } = useInstruments();
  const allowed = strategies.rows.flatMap(({ symbols }) => symbols ?? []);
  const instrument =
    instruments?.find(({ symbol }) => symbol === allowed[0]) ?? instruments?.find(({ symbol }) => symbol === DEFAULT);
  const coins = instrument === undefined ? '0.1' : toText(dec(instrument.contractValue).times(10));
  return { format, signed, symbol: instrument?.symbol ?? DEFAULT, coins };
}
