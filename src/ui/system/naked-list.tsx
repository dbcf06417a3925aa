'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { SystemView } from '@/contracts/api/safety';
import { useCode } from '../i18n/use-code';
import { Side } from '../shared/side';
import { When } from '../shared/when';

/** Shown beside the figure. */
const SHOWN = 5;

/** Whose positions lack their stop order or their close, the oldest first. */
export function NakedList({ naked }: { naked: SystemView['naked'] }) {
  const t = useTranslations('system');
  const code = useCode();
  return naked.items.slice(0, SHOWN).map((position) => (
    <div key={`${position.kind}|${position.accountId}|${position.symbol}|${position.side}|${position.since}`}>
      <Link href={`/admin/customers/${position.customerId}`}>{position.customerName}</Link> {position.symbol}{' '}
      <Side value={position.side} /> · {t(`nakedKinds.${position.kind}`)}
      {position.code === null ? null : ` · ${code(position.code)}`} · <When at={position.since} />
    </div>
  ));
}
