import { currentTime } from '@/platform/clock';
export type Timed = { readonly sentAt: Date; readonly expiresAt: Date };

/** The numbers of the sentence that says a trade became too old: STALE_SIGNAL's and VENUE_UNREACHABLE's. */
export function latenessOf(
  signal: Timed,
  trade: { readonly instrumentId: string },
  now = currentTime(),
): Readonly<Record<string, string>> {
  const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(1);
  return {
    venue: trade.instrumentId.slice(0, trade.instrumentId.indexOf(':')),
    ageSeconds: seconds(now - signal.sentAt.getTime()),
    maxSeconds: seconds(signal.expiresAt.getTime() - signal.sentAt.getTime()),
  };
}
