import type { AccountMode } from '@/domain/account-mode';
import type { Venue } from '@/exchanges/port';
import type { Logger } from '@/platform/log';

/** A measurement is used for this long, ms. */
const MEASURED_FOR = 60_000;

type Measured = { readonly offset: number; readonly at: number };

/**
 * How far the venue's clock is ahead of ours, ms: expiry times are read by the venue's clock. Half the round trip is
 * taken off, and the smallest of three measurements' error wins.
 */
export class VenueClock {
  readonly #offsets = new Map<string, Map<AccountMode, Measured>>();
  constructor(readonly logger: Logger) {}

  offset(venue: Venue, mode: AccountMode): number {
    const known = this.#offsets.get(venue.key)?.get(mode);
    if (known === undefined || Date.now() - known.at > MEASURED_FOR) void this.measure(venue, mode);
    return known?.offset ?? 0;
  }

  async measure(venue: Venue, mode: AccountMode): Promise<void> {
    const ofVenue = this.#offsets.get(venue.key) ?? new Map<AccountMode, Measured>();
    this.#offsets.set(venue.key, ofVenue);
    ofVenue.set(mode, { offset: ofVenue.get(mode)?.offset ?? 0, at: Date.now() });
    let best: { offset: number; error: number } | null = null;
    try {
      for (let round = 0; round < 3; round += 1) {
        const asked = Date.now();
        const there = await venue.market(mode).getTime();
        const error = (Date.now() - asked) / 2;
        if (best === null || error < best.error) best = { offset: Math.round(there - asked - error), error };
      }
    } catch (error) {
      this.logger.debug({ venue: venue.key, mode, reason: (error as Error).message }, 'the venue clock was not read');
    }
    if (best !== null) ofVenue.set(mode, { offset: best.offset, at: Date.now() });
  }
}
