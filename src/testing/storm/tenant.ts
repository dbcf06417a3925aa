import type { Hands } from './by-hand';
import type { Cast } from './cast';
import type { Poison } from './poison';
import type { Scenario } from './scenario';

/** One of the tenants of a storm, with all that happens in it. */
export type StormTenant = {
  readonly scenario: Scenario;
  readonly cast: Cast;
  readonly hands: Hands;
  /** Null: nothing is wrong with its rows. */
  readonly poison: Poison | null;
};
