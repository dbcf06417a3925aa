import type { Logger } from '@/platform/log';
import { openOkxRehearsal } from './okx/rehearsal';
import { OkxVenue, type OkxVenueOptions } from './okx/venue';
import type { BreakerView, Rehearsal, Venue } from './port';

export { OKX_DEMO_ENDPOINTS, OKX_LIVE_ENDPOINTS, okxEndpointsAt } from './okx/endpoints';

export type VenuesOptions = { readonly okx: OkxVenueOptions };

/** The venues of this installation, by key. */
export interface Venues {
  /** Throws UnknownVenueError. */
  get(key: string): Venue;
  keys(): readonly string[];
  /** How every breaker of this process stands. */
  breakers(): readonly BreakerView[];
  /** A venue to rehearse with. Whoever opens it closes it. */
  openRehearsal(): Promise<Rehearsal>;
  /** Closes all streams and connections. */
  close(): Promise<void>;
}

/** Thrown for a venue that this installation does not have. */
export class UnknownVenueError extends Error {
  readonly code = 'UNKNOWN_VENUE';
  constructor(readonly key: string) {
    super(`There is no venue "${key.slice(0, 40)}"`);
    this.name = 'UnknownVenueError';
  }
}

export function createVenues(options: VenuesOptions, logger: Logger): Venues {
  const okx = new OkxVenue(options.okx, logger);
  const venues: ReadonlyMap<string, Venue> = new Map([[okx.key, okx]]);
  return {
    get(key) {
      const venue = venues.get(key);
      if (!venue) throw new UnknownVenueError(key);
      return venue;
    },
    keys: () => [...venues.keys()],
    breakers: () => [...venues.values()].flatMap((venue) => venue.breakers()),
    openRehearsal: () => openOkxRehearsal(logger),
    close: async () => {
      await Promise.all([...venues.values()].map((venue) => venue.close()));
    },
  };
}
