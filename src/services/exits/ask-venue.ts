import { isAboveZero } from '@/domain/decimal';
import { pauseBeforeExit } from '@/domain/exit';
import { openAccounts } from '../execution/accounts';
import { type ProveDeps, proveHeld } from '../reconciliation/prove-held';
import type { ExitRow } from './exit-row';
import { byTenant, type NextStep } from './sync-exits';

/** Something is on its way, or two readings did not agree: asked again after this long, ms. */
const UNSURE = 700;
/** The longest pause after a question that failed, ms. */
const LONGEST = 20_000;
/** Accounts that are asked at once. */
const AT_ONCE = 16;

/**
 * Asks the venue what is there of positions whose close it refused or cut. What is missing comes off the books of all who hold it, and
 * what somebody else's orders block is left out of the next close. Answers how each of them goes on.
 */
export async function askAboutExits(deps: ProveDeps, exits: readonly ExitRow[]): Promise<readonly NextStep[]> {
  const steps: NextStep[] = [];
  for (const [tenantId, own] of byTenant(exits)) {
    const ids = [...new Set(own.map(({ accountId }) => accountId))];
    const accounts = await openAccounts(deps.database.forTenant(tenantId), deps.cipher, tenantId, ids);
    // Strategies that share a position are looked at one after the other: what is found for one is booked for all.
    const groups = new Map<string, ExitRow[]>();
    for (const exit of own) {
      const key = `${exit.accountId}|${exit.instrumentId}|${exit.side}`;
      groups.set(key, [...(groups.get(key) ?? []), exit]);
    }
    const waiting = [...groups.values()];
    const runner = async (): Promise<void> => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        const [first] = group;
        const account = first === undefined ? undefined : accounts.get(first.accountId);
        if (first === undefined || account === undefined) continue;
        steps.push(...(await askAbout(deps, { ...account, customerId: first.customerId }, group)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
  }
  return steps;
}

async function askAbout(
  deps: ProveDeps,
  account: Parameters<typeof proveHeld>[1],
  exits: readonly ExitRow[],
): Promise<readonly NextStep[]> {
  const [first] = exits;
  if (first === undefined) return [];
  const same = (step: (exit: ExitRow) => Partial<NextStep> & { readonly wait: number }): readonly NextStep[] =>
    exits.map((exit) => ({ ...exit, ...step(exit) }));
  try {
    const { instrumentId, side } = first;
    const proof = await proveHeld(deps, account, { instrumentId, side });
    if (proof === null) return same(() => ({ wait: UNSURE }));
    return same((exit) => {
      // Orders of the customer's own that the venue does not push aside: what they hold is not ours to take.
      const blocked = isAboveZero(proof.blocked) && exit.code !== 'CUT';
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
