'use client';

import { useLabel } from '../i18n/use-label';
import type { Messages } from '../messages';
import styles from './status.module.css';

export type Tone = 'pending' | 'open' | 'filled' | 'partial' | 'denied' | 'rejected' | 'unknown';

const TONES: Readonly<Record<string, Tone>> = {
  // trades and receipts
  pending: 'pending',
  planned: 'pending',
  open: 'open',
  live: 'open',
  partially_filled: 'open',
  filled: 'filled',
  partial: 'partial',
  denied: 'denied',
  rejected: 'rejected',
  canceled: 'rejected',
  expired: 'rejected',
  unknown: 'unknown',
  // signals
  received: 'pending',
  planning: 'open',
  dispatching: 'open',
  done: 'filled',
  // customers, strategies, subscriptions, accounts, channels
  active: 'filled',
  healthy: 'filled',
  paused: 'denied',
  unchecked: 'pending',
  unproved: 'pending',
  ended: 'pending',
  suspended: 'rejected',
  // venues
  reachable: 'filled',
  partly_gone: 'denied',
  gone: 'rejected',
  failing: 'rejected',
  limited: 'denied',
  revoked: 'rejected',
};

export function toneOf(status: string): Tone {
  return TONES[status] ?? 'pending';
}

/** A state as a dot and a word: never the colour alone. */
export function Status({ value, words = 'status' }: { value: string; words?: keyof Messages }) {
  const label = useLabel(words);
  return (
    <span className={styles.chip} data-tone={toneOf(value)}>
      <i />
      {label(value)}
    </span>
  );
}
