'use client';

import { Alert, Breadcrumb, Skeleton } from 'antd';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { RECEIPT_STATES, type ReceiptView, type SignalView } from '@/contracts/api/copying';
import { formatPrice } from '../format/numbers';
import { useCode } from '../i18n/use-code';
import { useLabel } from '../i18n/use-label';
import { ReceiptDrawer } from '../receipts/receipt-drawer';
import { FailureNote } from '../shared/failure';
import { ChoiceFilter, FilterBar, SearchFilter } from '../shared/filter-bar';
import { EmptyHint, PageHead, Panel } from '../shared/page-head';
import { ShortId } from '../shared/short-id';
import { Status } from '../shared/status';
import { useFilters } from '../shared/use-filters';
import { Distributions } from './distributions';
import { FanOutLegend, FanOutMap } from './fan-out-map';
import { ReceiptsTable } from './receipts-table';
import { LeaderPosition, useSentence } from './sentence';
import styles from './signal-page.module.css';
import { SignalTimeline } from './timeline';
import { useReceipts, useSignal } from './use-signal';

const FILTERS = ['state', 'code', 'name', 'receipt'] as const;
const COUNTS = ['total', 'filled', 'partial', 'open', 'denied', 'rejected', 'unknown'] as const;

/** One signal while it is copied: everything fills in by pushes. */
export function SignalPage({ id }: { id: string }) {
  const t = useTranslations('nav');
  const signal = useSignal(id);
  const receipts = useReceipts(id);
  if (signal.error !== null) return <FailureNote error={signal.error} retry={() => void signal.refetch()} />;
  if (signal.data === undefined) return <Skeleton active paragraph={{ rows: 10 }} />;
  return (
    <>
      <Breadcrumb
        items={[{ title: <Link href="/admin/signals">{t('signals')}</Link> }, { title: <ShortId id={id} /> }]}
      />
      <SignalHead signal={signal.data} />
      {receipts.error === null ? (
        <SignalBody signal={signal.data} receipts={arrived(signal.data, receipts.data)} />
      ) : (
        <FailureNote error={receipts.error} retry={() => void receipts.refetch()} />
      )}
    </>
  );
}

function SignalHead({ signal }: { signal: SignalView }) {
  const t = useTranslations('signal');
  const sentence = useSentence();
  const format = useLabel('formats');
  const code = useCode();
  return (
    <>
      <PageHead
        title={sentence(signal)}
        note={
          <>
            {t('from', { source: signal.sourceName })} · {format(signal.format)}
            {signal.referencePrice === null ? null : (
              <> · {t('seenAt', { price: formatPrice(signal.referencePrice) })}</>
            )}
            {signal.takenForUsdt === null ? null : (
              <> · {t('takenForUsdt', { name: signal.takenForUsdt, symbol: signal.symbol })}</>
            )}
          </>
        }
        actions={
          <span className={styles.leader}>
            {signal.leader === null ? null : (
              <span>
                <span className="quiet">{t('leader')} </span>
                <LeaderPosition position={signal.leader.before} /> <span className="quiet">→</span>{' '}
                <LeaderPosition position={signal.leader.after} />
              </span>
            )}
            <Status value={signal.status} />
          </span>
        }
      />
      {signal.rejectCode === null ? null : (
        <Alert
          className={styles.gap}
          type="warning"
          showIcon
          title={t('rejectedTitle')}
          description={
            <>
              {code(signal.rejectCode)} <span className="quiet small mono">{signal.rejectCode}</span>
            </>
          }
        />
      )}
      <SignalTimeline timings={signal.timings} />
    </>
  );
}

/** Counts as the receipts on this page say; until they are there, as the signal says. */
function countsOf(signal: SignalView, receipts: readonly ReceiptView[] | undefined): SignalView['counts'] {
  if (receipts === undefined || receipts.length === 0) return signal.counts;
  const of = (...states: ReceiptView['state'][]) => receipts.filter(({ state }) => states.includes(state)).length;
  return {
    total: receipts.length,
    filled: of('filled'),
    partial: of('partial'),
    open: of('open', 'pending'),
    denied: of('denied'),
    rejected: of('rejected'),
    unknown: of('unknown'),
  };
}

/** Counts are pushed, receipts are fetched: for a moment a signal has counts and no receipt yet, and is not one that nobody follows. */
function arrived(signal: SignalView, receipts: ReceiptView[] | undefined): ReceiptView[] | undefined {
  return receipts?.length === 0 && signal.counts.total > 0 ? undefined : receipts;
}

function SignalBody({ signal, receipts }: { signal: SignalView; receipts: ReceiptView[] | undefined }) {
  const t = useTranslations('signal');
  const c = useTranslations('common');
  const status = useTranslations('status');
  const codeLabel = useCode();
  const { filters, setFilters } = useFilters(FILTERS);
  const { state, code, name } = filters;
  const filtered = state !== '' || code !== '' || name !== '';
  const counts = useMemo(() => countsOf(signal, receipts), [signal, receipts]);

  const codes = useMemo(() => {
    const found = new Map<string, number>();
    for (const receipt of receipts ?? []) {
      for (const each of new Set(receipt.trades.map((trade) => trade.code))) {
        if (each !== null) found.set(each, (found.get(each) ?? 0) + 1);
      }
    }
    return [...found].sort((a, b) => b[1] - a[1]);
  }, [receipts]);

  const shown = useMemo(() => {
    const wanted = name.trim().toLowerCase();
    return (receipts ?? []).filter((receipt) => {
      const fitsState = state === '' || receipt.state === state || (state === 'open' && receipt.state === 'pending');
      const fitsCode = code === '' || receipt.trades.some((trade) => trade.code === code);
      return fitsState && fitsCode && (wanted === '' || receipt.customerName.toLowerCase().includes(wanted));
    });
  }, [receipts, state, code, name]);
  const highlighted = useMemo(
    () => (filtered ? new Set(shown.map(({ subscriptionId }) => subscriptionId)) : null),
    [filtered, shown],
  );

  const open = (receipt: ReceiptView) => setFilters({ receipt: receipt.subscriptionId });
  const none = receipts !== undefined && receipts.length === 0;
  const settled = signal.status === 'done' || signal.status === 'rejected';

  return (
    <>
      <div className={styles.counts} data-partial={counts.partial > 0 || undefined}>
        {COUNTS.filter((key) => key !== 'partial' || counts.partial > 0 || state === 'partial').map((key) => (
          <button
            key={key}
            type="button"
            data-state={key}
            aria-pressed={key === 'total' ? state === '' : state === key}
            onClick={() => setFilters({ state: key === 'total' || state === key ? null : key })}
          >
            <span>{t(`counts.${key}`)}</span>
            <strong className="num" data-testid={`count-${key}`}>
              {counts[key]}
            </strong>
          </button>
        ))}
      </div>
      <Panel title={t('map')} extra={<FanOutLegend />} className={styles.gap}>
        {receipts === undefined ? (
          <Skeleton active title={false} />
        ) : none ? (
          settled ? (
            <EmptyHint title={t('mapEmpty')} hint={t('mapEmptyHint')} />
          ) : (
            <EmptyHint title={t('planning')} />
          )
        ) : (
          <>
            <FanOutMap receipts={receipts} highlighted={highlighted} onOpen={open} />
            <p className="quiet small" style={{ margin: '10px 0 0' }}>
              {t('mapHint')}
            </p>
          </>
        )}
      </Panel>
      {none ? null : (
        <>
          <Distributions receipts={receipts} />
          <Panel flush className={styles.gap}>
            <FilterBar filtered={filtered} clear={() => setFilters({ state: null, code: null, name: null })}>
              <SearchFilter label={t('searchCustomer')} value={name} onChange={(next) => setFilters({ name: next })} />
              <ChoiceFilter
                label={t('state')}
                value={state}
                options={RECEIPT_STATES.map((value) => ({ value, label: status(value) }))}
                onChange={(next) => setFilters({ state: next })}
              />
              {codes.length === 0 ? null : (
                <ChoiceFilter
                  label={t('code')}
                  value={code}
                  options={codes.map(([value, count]) => ({ value, label: `${codeLabel(value)} (${count})` }))}
                  onChange={(next) => setFilters({ code: next })}
                />
              )}
            </FilterBar>
            {receipts !== undefined && shown.length === 0 ? (
              <EmptyHint title={c('noMatch')} hint={c('noMatchHint')} />
            ) : (
              <ReceiptsTable receipts={shown} loading={receipts === undefined} onOpen={open} />
            )}
          </Panel>
        </>
      )}
      <ReceiptDrawer
        address={filters.receipt === '' ? null : { signalId: signal.id, subscriptionId: filters.receipt }}
        close={() => setFilters({ receipt: null })}
      />
    </>
  );
}
