import type { Preflight } from '@/contracts/api/people';
import type { VenueAccountConfig } from '@/exchanges/port';
import { keyWorked } from './health';
import { type InUseReader, isInUse } from './in-use';
import type { PreflightResult } from './preflight-checks';

/*
 * Which account of the venue a row stands for. An account trades in one row of the installation at most: a second one would double
 * every limit, and in net mode two rows would close each other's position. The unique index on `tradesAs` decides who it is.
 */

/** What the last pre-flight knew. */
export type KnownIdentity = {
  readonly id: string;
  readonly venueUserId: string | null;
  readonly tradesAs: string | null;
};

/** Whether the key that was checked belongs to another account than the one whose positions the row keeps. */
export async function isOfAnotherAccount(
  tx: InUseReader,
  row: KnownIdentity,
  { venueUserId }: VenueAccountConfig,
): Promise<boolean> {
  const known = row.tradesAs ?? row.venueUserId;
  return known !== null && known !== venueUserId && (await isInUse(tx, row.id));
}

/** The account that a row trades as from now on: it takes the place with a key that works, and keeps it while its key does not. */
export function tradesAs(row: KnownIdentity, { config, health }: PreflightResult): string | null {
  if (config === null) return row.tradesAs;
  if (keyWorked(health) || row.tradesAs === config.venueUserId) return config.venueUserId;
  return null;
}

/** The result with a failure that only the rows tell of. */
export function failedIdentity(result: PreflightResult, code: 'ACCOUNT_IN_USE' | 'OTHER_ACCOUNT'): PreflightResult {
  return {
    ...result,
    preflight: withFinding(result.preflight, { check: 'identity', result: 'failed', code, detail: {} }),
    health: 'failing',
    failure: result.health === 'failing' ? result.failure : code,
  };
}

/** The result with how many other accounts of the same owner trade in this installation. */
export function withRelatives(result: PreflightResult, relatives: number): PreflightResult {
  if (relatives === 0) return result;
  const detail = { relatives: String(relatives) };
  return {
    ...result,
    preflight: withFinding(result.preflight, { check: 'identity', result: 'ok', code: 'OK', detail }),
  };
}

function withFinding(preflight: Preflight, finding: Preflight[number]): Preflight {
  return preflight.map((one) => (one.check === finding.check ? finding : one));
}
