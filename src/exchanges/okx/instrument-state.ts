import type { InstrumentState } from '@/domain/listing';

const STATES: Readonly<Record<string, InstrumentState>> = {
  live: 'live',
  suspend: 'suspended',
  preopen: 'preopen',
  post_only: 'post_only',
  rebase: 'rebase',
  settling: 'settling',
  test: 'test',
};

/** What OKX's word for an instrument's state means. One that is younger than this adapter takes no orders for all we know. */
export function toInstrumentState(state: string): InstrumentState {
  return STATES[state] ?? 'suspended';
}

/** Epoch ms; null: OKX names no end. */
export function toInstrumentEnd(expTime: string): number | null {
  return expTime === '' ? null : Number(expTime);
}
