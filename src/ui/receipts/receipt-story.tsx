'use client';

import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { useTranslations } from 'next-intl';
import { Fragment, type ReactNode } from 'react';
import type { ReceiptView, SignalView } from '@/contracts/api/copying';
import { formatDecimal, formatDuration } from '../format/numbers';
import { useCode } from '../i18n/use-code';
import { useLabel } from '../i18n/use-label';
import { Leverage, Money, Pnl, Price, Size, Slippage } from '../shared/figures';
import { ShortId } from '../shared/short-id';
import { Move } from '../shared/side';
import { Status } from '../shared/status';
import { Clock, When } from '../shared/when';
import { LeaderPosition, useSentence } from '../signals/sentence';
import styles from './receipt.module.css';

type ReceiptTrade = ReceiptView['trades'][number];

/** From the signal to the fills, each step with its numbers. */
export function ReceiptStory({ receipt, signal }: { receipt: ReceiptView; signal: SignalView }) {
  const t = useTranslations('receipt');
  const s = useTranslations('signal');
  const sentence = useSentence();
  return (
    <ol className={styles.story}>
      <Chapter title={t('signal')}>
        <p className={styles.lead}>{sentence(signal)}</p>
        <p className="quiet">
          {s('from', { source: signal.sourceName })} · {receipt.strategyName} ·{' '}
          <When at={signal.timings.receivedAt} absolute />
        </p>
      </Chapter>
      <Chapter title={t('leader')}>
        {signal.leader === null ? (
          <p className="quiet">{t('leaderUnknown')}</p>
        ) : (
          <p>
            <LeaderPosition position={signal.leader.before} /> <span className="quiet">→</span>{' '}
            <LeaderPosition position={signal.leader.after} />
          </p>
        )}
      </Chapter>
      {receipt.trades.map((trade) => (
        <Trade key={trade.id} trade={trade} signal={signal} titled={receipt.trades.length > 1} />
      ))}
    </ol>
  );
}

function Chapter({ title, tone, children }: { title: ReactNode; tone?: 'good' | 'bad'; children: ReactNode }) {
  return (
    <li data-tone={tone}>
      <h3>{title}</h3>
      {children}
    </li>
  );
}

function Trade({ trade, signal, titled }: { trade: ReceiptTrade; signal: SignalView; titled: boolean }) {
  const t = useTranslations('receipt');
  const refused = trade.checks.some((check) => !check.passed);
  const sent = trade.sentAt !== null || trade.ackedAt !== null || trade.venueOrderId !== null;
  return (
    <>
      {titled ? (
        <li className={styles.leg}>
          <Move leg={trade.leg} side={trade.positionSide} />
        </li>
      ) : null}
      {trade.leg === 'stop' || trade.leg === 'outside' ? null : (
        <>
          <Chapter title={t('arithmetic')}>
            <Arithmetic trade={trade} />
          </Chapter>
          <Chapter title={t('checks')} tone={refused ? 'bad' : 'good'}>
            <Checks trade={trade} />
          </Chapter>
        </>
      )}
      {trade.leg === 'outside' ? null : (
        <Chapter title={trade.leg === 'stop' ? t('stopOrder') : t('order')}>
          {trade.status === 'denied' ? <p className="quiet">{t('notSent')}</p> : <Order trade={trade} />}
        </Chapter>
      )}
      {sent ? (
        <Chapter title={t('venue')}>
          <Answers trade={trade} signal={signal} />
        </Chapter>
      ) : null}
      {trade.status === 'denied' ? null : (
        <Chapter title={t('fills')}>
          <Fills trade={trade} />
        </Chapter>
      )}
      <Chapter title={t('outcome')} tone={trade.code !== null ? 'bad' : trade.status === 'filled' ? 'good' : undefined}>
        <Outcome trade={trade} />
      </Chapter>
    </>
  );
}

function Arithmetic({ trade }: { trade: ReceiptTrade }) {
  const t = useTranslations('receipt');
  const label = useLabel('arithmetic');
  if (trade.arithmetic.length === 0) return <p className="quiet">{t('noArithmetic')}</p>;
  return (
    <div className={styles.sum}>
      {trade.arithmetic.map((step) => (
        <div key={`${step.label}|${step.expression}`}>
          <span className={styles.sumLabel}>{label(step.label)}</span>
          <span className={`${styles.sumTerm} num`}>{step.expression}</span>
          <span className={`${styles.sumValue} num`}>
            {t('equals')} {formatDecimal(step.value, { most: 10 })}
          </span>
        </div>
      ))}
      {trade.status === 'denied' ? null : (
        <div className={styles.sumTotal}>
          <span>{t('result')}</span>
          <span className="num">
            <Quantity contracts={trade.quantity} base={trade.quantityBase} symbol={trade.symbol} />
          </span>
        </div>
      )}
    </div>
  );
}

function Quantity({ contracts, base, symbol }: { contracts: string; base?: string; symbol: string }) {
  const t = useTranslations('common');
  return (
    <>
      <Size contracts={contracts} base={base} symbol={symbol} />{' '}
      <span className="quiet">({t('contracts', { count: formatDecimal(contracts) })})</span>
    </>
  );
}

function Checks({ trade }: { trade: ReceiptTrade }) {
  const t = useTranslations('receipt');
  const label = useLabel('rules');
  const words = useRuleValue();
  if (trade.checks.length === 0) return <p className="quiet">{t('noChecks')}</p>;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th>{t('rule')}</th>
          <th>{t('value')}</th>
          <th>{t('limit')}</th>
          <th aria-label={t('passed')} />
        </tr>
      </thead>
      <tbody>
        {trade.checks.map((check) => (
          <tr key={check.rule} data-refused={check.passed ? undefined : true}>
            <td>{label(check.rule)}</td>
            <td className="num">{words(check.rule, check.value)}</td>
            <td className="num">{words(check.rule, check.limit)}</td>
            <td>
              {check.passed ? (
                <CheckCircleFilled style={{ color: 'var(--state-filled)' }} aria-label={t('passed')} />
              ) : (
                <CloseCircleFilled style={{ color: 'var(--state-rejected)' }} aria-label={t('notPassed')} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A rule's value or limit: a figure, or a word of ours in the reader's language. */
function useRuleValue(): (rule: string, text: string) => string {
  const known = useTranslations('ruleWords');
  const label = useLabel('ruleWords');
  return (rule, text) => {
    const key = text.replaceAll(' ', '_');
    if (/^[a-z_]+$/.test(key) && known.has(key as never)) return label(key);
    return formatDecimal(text, { most: rule === 'equity_known' || rule === 'balance' ? 2 : 8 });
  };
}

function Order({ trade }: { trade: ReceiptTrade }) {
  const t = useTranslations('receipt');
  const c = useTranslations('common');
  const type = useTranslations('orderTypes');
  return (
    <dl className={styles.facts}>
      <dt>{t('type')}</dt>
      <dd>
        <Move leg={trade.leg} side={trade.positionSide} /> · {type(trade.orderType)}
        {trade.limitPrice === null ? null : (
          <>
            {' '}
            <Price value={trade.limitPrice} symbol={trade.symbol} />
          </>
        )}
        {trade.reduceOnly ? ` · ${t('reduceOnly')}` : ''}
      </dd>
      {(['stopPrice', 'takePrice'] as const).map((level) =>
        trade[level] === null ? null : (
          <Fragment key={level}>
            <dt title={t('stopHint')}>{t(level === 'stopPrice' ? 'stopLoss' : 'takeProfit')}</dt>
            <dd>
              <Price value={trade[level]} symbol={trade.symbol} />
            </dd>
          </Fragment>
        ),
      )}
      <dt>{t('quantity')}</dt>
      <dd>
        <Quantity contracts={trade.quantity} base={trade.quantityBase} symbol={trade.symbol} />
      </dd>
      <dt>{c('leverage')}</dt>
      <dd>
        <Leverage value={trade.leverage} />
      </dd>
      <dt>{t('clientOrderId')}</dt>
      <dd>
        <ShortId id={trade.clientOrderId} />
      </dd>
      {trade.venueOrderId === null ? null : (
        <>
          <dt>{t('venueOrderId')}</dt>
          <dd>
            <ShortId id={trade.venueOrderId} />
          </dd>
        </>
      )}
    </dl>
  );
}

function Answers({ trade, signal }: { trade: ReceiptTrade; signal: SignalView }) {
  const t = useTranslations('receipt');
  const from = Date.parse(signal.timings.receivedAt);
  const steps = [
    { key: 'created', at: trade.createdAt },
    { key: 'sent', at: trade.sentAt },
    { key: 'acked', at: trade.ackedAt },
    { key: 'filledAt', at: trade.filledAt },
  ] as const;
  return (
    <dl className={styles.facts}>
      {steps.map(({ key, at }) =>
        at === null ? null : (
          <div key={key} className={styles.fact}>
            <dt>{t(key)}</dt>
            <dd>
              <Clock at={at} /> <span className="quiet num">+{formatDuration(Math.max(0, Date.parse(at) - from))}</span>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Fills({ trade }: { trade: ReceiptTrade }) {
  const t = useTranslations('receipt');
  const c = useTranslations('common');
  if (trade.fills.length === 0) return <p className="quiet">{t('noFills')}</p>;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th>{c('time')}</th>
          <th>{t('quantity')}</th>
          <th>{t('price')}</th>
          <th>{t('fee')}</th>
        </tr>
      </thead>
      <tbody>
        {trade.fills.map((fill) => (
          <tr key={fill.venueFillId}>
            <td>
              <Clock at={fill.filledAt} />
            </td>
            <td>
              <Size contracts={fill.quantity} symbol={trade.symbol} />
            </td>
            <td>
              <Price value={fill.price} symbol={trade.symbol} />
            </td>
            <td className="num">
              {formatDecimal(fill.fee)} <span className="quiet small">{fill.feeCurrency}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Outcome({ trade }: { trade: ReceiptTrade }) {
  const t = useTranslations('receipt');
  return (
    <>
      <p>
        <Status value={trade.status} />
      </p>
      <Reason trade={trade} />
      {trade.averagePrice === null ? null : (
        <dl className={styles.facts}>
          <dt>{t('filledQuantity')}</dt>
          <dd>
            <Size contracts={trade.filledQuantity} symbol={trade.symbol} />
          </dd>
          <dt>{t('averagePrice')}</dt>
          <dd>
            <Price value={trade.averagePrice} symbol={trade.symbol} />
          </dd>
          <dt title={t('slippageHint')}>{t('slippage')}</dt>
          <dd>
            <Slippage value={trade.slippage} />
          </dd>
          <dt>{t('fee')}</dt>
          <dd>
            <Money value={trade.fee} />
          </dd>
          {trade.leg !== 'open' ? (
            <>
              <dt>{t('pnl')}</dt>
              <dd>
                <Pnl value={trade.realizedPnl} />
              </dd>
            </>
          ) : null}
          {trade.latencyMs === null ? null : (
            <>
              <dt>{t('latency')}</dt>
              <dd className="num">{formatDuration(trade.latencyMs)}</dd>
            </>
          )}
        </dl>
      )}
    </>
  );
}

/** Why there is no order or fill: the sentence with its numbers, the code in small print. */
export function Reason({ trade }: { trade: Pick<ReceiptTrade, 'code' | 'reason' | 'venueMessage'> }) {
  const label = useCode();
  const t = useTranslations('receipt');
  if (trade.code === null) return null;
  const { venueMessage } = trade;
  const reason = trade.reason ?? label(trade.code);
  return (
    <div className={styles.reason}>
      {reason} <span className="quiet small mono">{trade.code}</span>
      {venueMessage === null || venueMessage === '' || venueMessage === reason ? null : (
        <div className="quiet small">{t('venueSaid', { message: venueMessage })}</div>
      )}
    </div>
  );
}
