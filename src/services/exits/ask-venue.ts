import { isAboveZero } from '@/domain/decimal';
import { CUT, pauseBeforeExit } from '@/domain/exit';
import type { PositionSide } from '@/domain/signal';
import { openAccounts } from '../execution/accounts';
import { saysLessIsHeld } from '../execution/position-refusal';
import { type ProveDeps, proveHeld } from '../reconciliation/prove-held';
import type { ExitRow } from './exit-row';
import { byTenant, type NextStep } from './sync-exits';

/** Something is on its way, or two readings did not agree: asked again after this long, ms. */
const UNSURE = 700;
/** The longest pause after a question that failed, ms. */
const LONGEST = 20_000;
/** Of one tenant, that are asked about at once. */
const AT_ONCE = 16;

/** A side of an account's position. */
type OneSide = {
  readonly tenantId: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
};

/**
 * Has every group of positions that share one at the venue looked at, some groups of each tenant at a time: what is found for one of a group is booked
 * for all. Groups whose key does not open are left out.
 */
export async function askByPosition<P extends OneSide>(
  deps: Pick<ProveDeps, 'database' | 'cipher'>,
  positions: readonly P[],
  ask: (account: ProvenAccount, group: readonly P[]) => Promise<void>,
): Promise<void> {
  const ofTenant = async (tenantId: string, own: readonly P[]): Promise<void> => {
    const ids = [...new Set(own.map(({ accountId }) => accountId))];
    const accounts = await openAccounts(deps.database.forTenant(tenantId), deps.cipher, tenantId, ids);
    const groups = new Map<string, P[]>();
    for (const position of own) {
      const key = positionKey(position);
      groups.set(key, [...(groups.get(key) ?? []), position]);
    }
    const waiting = [...groups.values()];
    const runner = async (): Promise<void> => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        const [first] = group;
        const account = first === undefined ? undefined : accounts.get(first.accountId);
        if (first === undefined || account === undefined) continue;
        await ask({ ...account, customerId: first.customerId }, group);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
  };
  await Promise.all([...byTenant(positions)].map(([tenantId, own]) => ofTenant(tenantId, own)));
}

/** Names what strategies share at the venue. */
export function positionKey({ accountId, instrumentId, side }: Pick<OneSide, 'accountId' | 'instrumentId' | 'side'>) {
  return `${accountId}|${instrumentId}|${side}`;
}

type ProvenAccount = Parameters<typeof proveHeld>[1];

/**
 * Asks the venue what is there of positions whose close it refused or cut. What is missing comes off the books of all who hold it, and
 * what somebody else's orders block is left out of the next close. Tells how each group of them goes on as soon as that is known.
 */
export async function askAboutExits(
  deps: ProveDeps,
  exits: readonly ExitRow[],
  tell: (steps: readonly NextStep[]) => Promise<void>,
): Promise<void> {
  await askByPosition(deps, exits, async (account, group) => tell(await askAbout(deps, account, group)));
}

async function askAbout(
  deps: ProveDeps,
  account: ProvenAccount,
  exits: readonly ExitRow[],
): Promise<readonly NextStep[]> {
  const [first] = exits;
  if (first === undefined) return [];
  const same = (step: (exit: ExitRow) => Partial<NextStep> & { readonly wait: number }): readonly NextStep[] =>
    exits.map((exit) => ({ ...exit, ...step(exit) }));
  try {
    const { instrumentId, side } = first;
    const saidSo = exits.some(({ code }) => code === CUT || (code !== null && saysLessIsHeld(code)));
    const proof = await proveHeld(deps, account, { instrumentId, side, saidSo });
    if (proof === null) return same(() => ({ wait: UNSURE }));
    return same((exit) => {
      // Orders of the customer's own that the venue does not push aside: what they hold is not ours to take.
      const blocked = isAboveZero(proof.blocked) && exit.code !== CUT;
      const most = blocked ? proof.free : null;
      const moved = proof.changed || (most !== null && isAboveZero(most));
      const wait = moved || exit.attempts === 0 ? 0 : pauseBeforeExit(exit.attempts, exit.lasted);
      return {
        look: false,
        most,
        wait,
        ...(blocked && !isAboveZero(proof.free) ? { code: 'BLOCKED_BY_ORDERS', message: null, look: true } : {}),
      };
    });
  } catch (error) {
    deps.logger.warn(
      { account: account.id, reason: (error as Error).message },
      'the venue was not asked what is there',
    );
    return same(({ attempts, lasted }) => ({
      wait: Math.min(LONGEST, Math.max(UNSURE, pauseBeforeExit(attempts, lasted))),
    }));
  }
}
