'use client';

import {
  CheckCircleFilled,
  CloseCircleFilled,
  ExclamationCircleFilled,
  LoadingOutlined,
  MinusCircleOutlined,
} from '@ant-design/icons';
import { useTranslations } from 'next-intl';
import { PREFLIGHT_CHECKS, type Preflight } from '@/contracts/api/people';
import { formatDecimal } from '../format/numbers';
import { useCode } from '../i18n/use-code';
import { useLabel } from '../i18n/use-label';
import styles from './accounts.module.css';

type Finding = Preflight[number];

const ICONS = {
  ok: <CheckCircleFilled style={{ color: 'var(--state-filled)' }} />,
  warning: <ExclamationCircleFilled style={{ color: 'var(--state-denied)' }} />,
  failed: <CloseCircleFilled style={{ color: 'var(--state-rejected)' }} />,
  skipped: <MinusCircleOutlined style={{ color: 'var(--text-3)' }} />,
} as const;

const AMOUNTS: ReadonlySet<string> = new Set(['milliseconds', 'equity', 'addresses', 'relatives']);

/** Values of a sentence; "—" for what the venue did not tell. */
function valuesOf(detail: Finding['detail']): Record<string, string> {
  const known = Object.fromEntries(
    Object.entries(detail).map(([key, value]) => [key, AMOUNTS.has(key) ? formatDecimal(value, { most: 2 }) : value]),
  );
  const every = ['milliseconds', 'message', 'venueCode', 'equity', 'addresses', 'mode', 'relatives'];
  return { ...Object.fromEntries(every.map((key) => [key, '—'])), ...known };
}

/** The checks of an account, line by line; `running` shows that a new round is under way. */
export function PreflightList({ preflight, running }: { preflight: Preflight | null; running: boolean }) {
  const label = useLabel('preflight');
  const result = useTranslations('preflightResults');
  const findings = new Map((preflight ?? []).map((finding) => [finding.check, finding]));
  return (
    <ul className={styles.checks}>
      {PREFLIGHT_CHECKS.map((check) => {
        const finding = findings.get(check);
        return (
          <li key={check} data-result={running ? 'running' : finding?.result}>
            <span className={styles.icon}>
              {running ? <LoadingOutlined /> : finding === undefined ? ICONS.skipped : ICONS[finding.result]}
            </span>
            <span>
              {label(check)}
              {finding === undefined || running ? null : (
                <>
                  <span className="visually-hidden">: {result(finding.result)}</span>
                  <Detail finding={finding} />
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** With what the venue's code means instead of its own English, where we know it. */
function inOurWords(detail: Finding['detail'], words: (code: string) => string): Finding['detail'] {
  const { venueCode } = detail;
  if (venueCode === undefined || words(venueCode) === venueCode) return detail;
  return { ...detail, message: words(venueCode) };
}

function Detail({ finding }: { finding: Finding }) {
  const codes = useTranslations('preflightCodes');
  const facts = useTranslations('preflightFacts');
  const modes = useLabel('positionModes');
  const code = useCode();
  const values = valuesOf(inOurWords(finding.detail, code));
  if (finding.result === 'ok') {
    if (Object.keys(finding.detail).length === 0) return null;
    if (finding.check === 'position_mode') return <span className="quiet"> · {modes(finding.detail.mode ?? '')}</span>;
    if (!facts.has(finding.check as never)) return null;
    const words = facts as unknown as (key: string, values: Record<string, string>) => string;
    return <span className="quiet"> · {words(finding.check, values)}</span>;
  }
  const sentence = codes.has(finding.code as never)
    ? (codes as unknown as (key: string, values: Record<string, string>) => string)(finding.code, values)
    : finding.code;
  return (
    <div className={finding.result === 'skipped' ? 'quiet small' : 'small'}>
      {sentence} <span className="quiet mono">{finding.result === 'skipped' ? '' : finding.code}</span>
    </div>
  );
}
