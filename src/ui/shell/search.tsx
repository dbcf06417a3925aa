'use client';

import { SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Modal, Tooltip } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, useEffect, useState } from 'react';
import type { Page } from '@/contracts/api/common';
import type { SignalView, TradeView } from '@/contracts/api/copying';
import type { CustomerView } from '@/contracts/api/people';
import { ApiError, call } from '../api/client';
import { ADMIN_NAVIGATION } from './navigation';
import styles from './search.module.css';

type Hit = { readonly key: string; readonly href: string; readonly title: string; readonly note: string };
const ID = /^[0-9a-f]{32}$/;

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Ctrl-K: pages by name, customers by name, signals and trades by id. */
export function SearchButton() {
  const t = useTranslations('shell.search');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
  return (
    <>
      <Tooltip title={`${t('title')} (Ctrl K)`}>
        <Button type="text" icon={<SearchOutlined />} aria-label={t('title')} onClick={() => setOpen(true)} />
      </Tooltip>
      <Modal open={open} onCancel={() => setOpen(false)} footer={null} closable={false} destroyOnHidden width={560}>
        <SearchBox close={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function SearchBox({ close }: { close: () => void }) {
  const t = useTranslations('shell.search');
  const nav = useTranslations('nav');
  const router = useRouter();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const isId = ID.test(wanted);

  const customers = useQuery({
    queryKey: ['search', 'customers', wanted],
    enabled: wanted.length > 1 && !isId,
    queryFn: ({ signal }) =>
      call<Page<CustomerView>>('GET', '/customers', { query: { search: text.trim(), limit: 8 }, signal }),
  });
  const byId = useQuery({
    queryKey: ['search', 'id', wanted],
    enabled: isId,
    queryFn: async () => {
      const [signal, trade] = await Promise.all([
        orNull(call<SignalView>('GET', `/signals/${wanted}`)),
        orNull(call<TradeView>('GET', `/trades/${wanted}`)),
      ]);
      return { signal, trade };
    },
  });

  const pages: Hit[] = ADMIN_NAVIGATION.flatMap((group) => group.items)
    .map(({ key, href }) => ({ key: href, href, title: nav(key), note: t('page') }))
    .filter(({ title }) => wanted === '' || title.toLowerCase().includes(wanted));
  const people: Hit[] = (customers.data?.items ?? []).map(({ id, name, email }) => ({
    key: id,
    href: `/admin/customers/${id}`,
    title: name,
    note: email ?? t('customer'),
  }));
  const { signal, trade } = byId.data ?? {};
  const found: Hit[] = [
    ...(signal
      ? [{ key: signal.id, href: `/admin/signals/${signal.id}`, title: signal.symbol, note: t('signal') }]
      : []),
    ...(trade
      ? [{ key: trade.id, href: `/admin/trades?trade=${trade.id}`, title: trade.customerName, note: t('trade') }]
      : []),
  ];
  const hits = [...found, ...people, ...pages].slice(0, 14);
  const chosen = Math.min(at, hits.length - 1);

  const go = (hit: Hit | undefined) => {
    if (hit === undefined) return;
    router.push(hit.href);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') go(hits[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <Input
        autoFocus
        size="large"
        prefix={<SearchOutlined />}
        placeholder={t('placeholder')}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        aria-label={t('title')}
      />
      <ul className={styles.hits}>
        {hits.map((hit, index) => (
          <li key={hit.key}>
            <button type="button" data-chosen={index === chosen} onClick={() => go(hit)}>
              <span>{hit.title}</span>
              <span className="quiet small">{hit.note}</span>
            </button>
          </li>
        ))}
        {hits.length === 0 ? <li className={`quiet ${styles.none}`}>{t('none')}</li> : null}
      </ul>
    </>
  );
}
