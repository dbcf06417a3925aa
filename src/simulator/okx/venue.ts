import type { Venue } from '../engine/venue';
import type { FaultPlane } from '../faults/faults';
import type { RateLimits } from './rate-limits';

/** A venue as OKX's wire sees it: with the limits of its clients, and what goes wrong on the way to them. */
export interface OkxVenue extends Venue {
  readonly faults: FaultPlane;
  readonly limits: RateLimits;
}
