import { type Dec, dec, sum, ZERO } from '@/domain/decimal';
import { type Instrument, notional } from '@/domain/instrument';
import type { Database, Statements } from '@/platform/database/database';
import { failureKind } from '@/platform/database/failure-kind';
import { readPlannedEntries, unfoldPlans } from '../execution/written-plan';

/**
 * Margin, quote currency, that entries of one account will bind of which its rows tell nothing yet: `symbol` in the signal's
 * instrument, `total` in all.
 */
export type CommittedMargin = { readonly symbol: Dec; readonly total: Dec };

/** By account. */
export type CommittedMargins = ReadonlyMap<string, CommittedMargin>;

export const NOTHING_COMMITTED: CommittedMargins = new Map();

export function committedTo(margins: CommittedMargins, accountId: string): CommittedMargin | undefined {
  return margins.size === 0 ? undefined : margins.get(accountId);
}

/** The same with one more entry, in place. */
export function commit(
  margins: Map<string, CommittedMargin>,
  accountId: string,
  margin: Dec,
  ofThisInstrument: boolean,
): void {
  const before = margins.get(accountId) ?? { symbol: ZERO, total: ZERO };
  const symbol = ofThisInstrument ? sum(before.symbol, margin) : before.symbol;
  margins.set(accountId, { symbol, total: sum(before.total, margin) });
}

/**
 * What other signals of the tenant have decided, whose orders are no rows yet. Where that cannot be read it is made rows, and whoever
 * reads followers next sees it there: a plan that makes no sense stops no other signal.
 */
export async function readCommittedMargins(
  { statements }: Pick<Database, 'statements'>,
  place: Place,
): Promise<CommittedMargins> {
  try {
    return await readPlanned(statements, place);
  } catch (error) {
    if (failureKind(error) === 'database') throw error;
    await unfoldPlans(statements, place.tenantId).catch((failure: unknown) => {
      if (failureKind(failure) === 'database') throw failure;
    });
    return NOTHING_COMMITTED;
  }
}

type Place = { readonly id: string; readonly tenantId: string; readonly instrument: Instrument };

async function readPlanned(statements: Statements, { id, tenantId, instrument }: Place): Promise<CommittedMargins> {
  const margins = new Map<string, CommittedMargin>();
  for (const entry of await readPlannedEntries(statements, tenantId, id)) {
    if (entry.price === null) continue;
    const worth = notional({ contractValue: dec(entry.contractValue) }, dec(entry.quantity), dec(entry.price));
    commit(margins, entry.accountId, worth.div(dec(entry.leverage)), entry.instrumentId === instrument.id);
  }
  return margins;
}
