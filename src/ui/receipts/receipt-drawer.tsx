'use client';

import { Drawer, Skeleton } from 'antd';
import { useTranslations } from 'next-intl';
import { FailureNote } from '../shared/failure';
import { Status } from '../shared/status';
import { useReceipts, useSignal } from '../signals/use-signal';
import { ReceiptStory } from './receipt-story';

export type ReceiptAddress = { readonly signalId: string; readonly subscriptionId: string };

/** The receipt of one follower of one signal, beside the page. */
export function ReceiptDrawer({ address, close }: { address: ReceiptAddress | null; close: () => void }) {
  return (
    <Drawer
      open={address !== null}
      onClose={close}
      size="min(640px, 100vw)"
      destroyOnHidden
      title={address === null ? null : <Title address={address} />}
    >
      {address === null ? null : <Body address={address} />}
    </Drawer>
  );
}

function useReceipt({ signalId, subscriptionId }: ReceiptAddress) {
  const { data, isPending, error } = useReceipts(signalId);
  return { receipt: data?.find((each) => each.subscriptionId === subscriptionId), isPending, error };
}

function Title({ address }: { address: ReceiptAddress }) {
  const t = useTranslations('receipt');
  const { receipt } = useReceipt(address);
  return (
    <span style={{ display: 'inline-flex', gap: 12, alignItems: 'baseline', flexWrap: 'wrap' }}>
      {t('title')}
      {receipt === undefined ? null : (
        <>
          <span className="quiet" style={{ fontWeight: 400 }}>
            {receipt.customerName}
          </span>
          <span style={{ fontWeight: 400, fontSize: 13 }}>
            <Status value={receipt.state} />
          </span>
        </>
      )}
    </span>
  );
}

function Body({ address }: { address: ReceiptAddress }) {
  const t = useTranslations('receipt');
  const { receipt, isPending, error } = useReceipt(address);
  const signal = useSignal(address.signalId);
  const failure = error ?? signal.error;
  if (failure !== null) return <FailureNote error={failure} />;
  if (isPending || signal.data === undefined) return <Skeleton active paragraph={{ rows: 12 }} />;
  if (receipt === undefined) return <p className="quiet">{t('notFound')}</p>;
  return <ReceiptStory receipt={receipt} signal={signal.data} />;
}
