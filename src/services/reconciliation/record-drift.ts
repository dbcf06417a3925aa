import type { DriftChange } from '@/contracts/realtime';
import type { OutsidePiece } from '@/domain/closed-outside';
import { toText } from '@/domain/decimal';
import { contractsToBase, type Instrument } from '@/domain/instrument';
import type { Clock } from '@/platform/clock';
import type { Database, Transaction } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { audited, type TenantTransaction } from '../audit/audit-trail';
import type { TradingAccount } from '../execution/accounts';
import { venueSymbol } from '../execution/trade-record';
import { queueDrift } from '../notifications/queue';
import { type AccountBook, isQuiet, readAccountBook } from './account-book';
import { type BookAfter, bookOutside } from './book-outside';
import type { AccountDrift } from './compare-account';
import { holdPlans } from './hold-plans';

export type RecordDeps = {
  readonly database: Database;
  readonly clock: Clock;
  /** Null: an instrument that we do not trade. */
  readonly instrument: (id: string) => Instrument | null;
};

export type Recorded = {
  readonly changes: readonly DriftChange[];
  readonly repaired: readonly BookAfter[];
};

/** What two looks at an account agreed on. */
export type Looked = {
  readonly book: AccountBook;
  /** The looks were at this instrument; null: at all of them. */
  readonly instrumentId: string | null;
  readonly drifts: readonly AccountDrift[];
  /** How what is missing went, for those drifts that our books are to follow. */
  readonly closed: ReadonlyMap<AccountDrift, readonly OutsidePiece[]>;
};

/**
 * Writes what two looks agreed on: new drifts are told, known ones kept up to date, gone ones resolved, and our books are brought down
 * to what the venue holds where it is known how that went. Sends nothing to any venue. Null: the books moved meanwhile, so that the
 * looks say nothing any more, or a signal is being planned by them.
 */
export async function recordDrift(
  deps: RecordDeps,
  account: TradingAccount & { readonly customerId: string },
  looked: Looked,
): Promise<Recorded | null> {
  const { tenantId } = account;
  const drifts = looked.drifts.filter((drift) => drift.policy !== 'off' || looked.closed.has(drift));
  const scope = looked.instrumentId === null ? {} : { instrumentId: looked.instrumentId };
  const standing = { accountId: account.id, resolvedAt: null, ...scope };
  const open = await deps.database.forTenant(tenantId).positionDrift.count({ where: standing });
  if (open === 0 && drifts.length === 0) return { changes: [], repaired: [] };
  return audited(deps, { tenantId, system: true }, async (tx, note) => {
    // The tenant's row is locked: two workers that take the account from each other do not write at once.
    const query = { tenantId, accountId: account.id, ...scope };
    const reduced = [...looked.closed.keys()].flatMap(({ holders }) => holders);
    if (!(await holdPlans(tx, tenantId, reduced))) return null;
    if (!isQuiet(looked.book, await readAccountBook(tx, query, true))) return null;
    const known = await tx.positionDrift.findMany({ where: standing });
    const at = new Date(deps.clock.now());
    const changes: DriftChange[] = [];
    const repaired: BookAfter[] = [];
    const told = (
      row: { id: string; instrumentId: string },
      drift: Pick<DriftChange, 'side' | 'kind'>,
      resolved: boolean,
    ) => {
      const { side, kind } = drift;
      const symbol = venueSymbol(row.instrumentId);
      changes.push({ id: row.id, accountId: account.id, customerId: account.customerId, symbol, side, kind, resolved });
    };
    for (const row of known) {
      if (drifts.some((drift) => isSame(row, drift))) continue;
      await tx.positionDrift.updateMany({ where: { id: row.id }, data: { resolvedAt: at } });
      told(row, row, true);
    }
    for (const drift of drifts) {
      const row = known.find((candidate) => isSame(candidate, drift));
      const pieces = looked.closed.get(drift);
      const instrument = deps.instrument(drift.instrumentId);
      const repairs =
        pieces === undefined || instrument === null
          ? null
          : await bookOutside(
              tx,
              note,
              { ...drift, tenantId, accountId: account.id, customerId: account.customerId, instrument, pieces },
              at,
            );
      const values = {
        kind: drift.kind,
        booked: toText(drift.booked),
        held: toText(drift.held),
        subscriptionId: drift.holders.length === 1 ? (drift.holders[0]?.subscriptionId ?? null) : null,
        lastSeenAt: at,
        ...(repairs === null ? {} : { repaired: toText(drift.booked.minus(drift.held)), resolvedAt: at }),
      };
      const id = row?.id ?? newId();
      if (row !== undefined) await tx.positionDrift.updateMany({ where: { id }, data: values });
      else {
        const { customerId, id: accountId } = account;
        const { instrumentId, side } = drift;
        await tx.positionDrift.create({
          data: { id, tenantId, customerId, accountId, instrumentId, side, firstSeenAt: at, ...values },
        });
      }
      repaired.push(...(repairs ?? []));
      if (row === undefined || row.kind !== drift.kind || repairs !== null) {
        told({ id, instrumentId: drift.instrumentId }, drift, repairs !== null);
        if (repairs === null) await tell(deps, tx, account, id, drift, at);
      }
    }
    return { changes, repaired };
  });
}

function isSame(row: { instrumentId: string; side: string }, drift: AccountDrift): boolean {
  return row.instrumentId === drift.instrumentId && row.side === drift.side;
}

async function tell(
  deps: RecordDeps,
  tx: TenantTransaction,
  account: TradingAccount,
  driftId: string,
  drift: AccountDrift,
  at: Date,
): Promise<void> {
  const instrument = deps.instrument(drift.instrumentId);
  // A position that the customer opened by hand where we hold nothing is shown, but is no news.
  if (instrument === null || drift.booked.isZero()) return;
  await queueDrift(tx as unknown as Transaction, {
    tenantId: account.tenantId,
    driftId,
    accountId: account.id,
    symbol: instrument.symbol,
    baseCurrency: instrument.baseCurrency,
    side: drift.side,
    kind: drift.kind,
    bookedBase: toText(contractsToBase(instrument, drift.booked)),
    heldBase: toText(contractsToBase(instrument, drift.held)),
    repaired: false,
    at: at.getTime(),
  });
}
