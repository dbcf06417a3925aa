import type { DriftChange } from '@/contracts/realtime';
import { type Dec, quantize, toText, ZERO } from '@/domain/decimal';
import { divideHeld } from '@/domain/drift';
import { contractsToBase, type Instrument } from '@/domain/instrument';
import type { Clock } from '@/platform/clock';
import type { Database, Transaction } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { audited, type Note, type TenantTransaction } from '../audit/audit-trail';
import type { TradingAccount } from '../execution/accounts';
import { venueSymbol } from '../execution/trade-record';
import { queueDrift } from '../notifications/queue';
import { type AccountBook, type BookedPosition, isQuiet, readAccountBook } from './account-book';
import type { AccountDrift } from './compare-account';

export type RecordDeps = {
  readonly database: Database;
  readonly clock: Clock;
  /** Null: an instrument that we do not trade. */
  readonly instrument: (id: string) => Instrument | null;
};

export type RepairedBook = {
  readonly position: BookedPosition;
  readonly quantity: Dec;
};

export type Recorded = {
  readonly changes: readonly DriftChange[];
  readonly repaired: readonly RepairedBook[];
};

/**
 * Writes what two looks agreed on: new drifts are told, known ones kept up to date, gone ones resolved, and where all
 * holders asked for it our books are brought down to what the venue holds. Sends nothing to any venue. Null: the books
 * moved meanwhile, so that the looks say nothing any more.
 */
export async function recordDrift(
  deps: RecordDeps,
  account: TradingAccount & { readonly customerId: string },
  looked: AccountBook,
  drifts: readonly AccountDrift[],
): Promise<Recorded | null> {
  const { tenantId } = account;
  const open = await deps.database
    .forTenant(tenantId)
    .positionDrift.count({ where: { accountId: account.id, resolvedAt: null } });
  if (open === 0 && drifts.length === 0) return { changes: [], repaired: [] };
  return audited(deps, { tenantId, system: true }, async (tx, note) => {
    // The tenant's row is locked: two workers that take the account from each other do not write at once.
    const book = await readAccountBook(tx, tenantId, account.id, true);
    if (!isQuiet(looked, book)) return null;
    const known = await tx.positionDrift.findMany({ where: { accountId: account.id, resolvedAt: null } });
    const at = new Date(deps.clock.now());
    const changes: DriftChange[] = [];
    const repaired: RepairedBook[] = [];
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
      const repairs =
        drift.policy === 'repair' && drift.repairable ? await repair(deps, tx, note, drift, account, at) : null;
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
        await tell(deps, tx, account, id, drift, repairs !== null, at);
      }
    }
    return { changes, repaired };
  });
}

function isSame(row: { instrumentId: string; side: string }, drift: AccountDrift): boolean {
  return row.instrumentId === drift.instrumentId && row.side === drift.side;
}

/** Brings the holders' books down to what is held. Null: it cannot be done here. */
async function repair(
  deps: RecordDeps,
  tx: TenantTransaction,
  note: Note,
  drift: AccountDrift,
  account: TradingAccount,
  at: Date,
): Promise<readonly RepairedBook[] | null> {
  const instrument = deps.instrument(drift.instrumentId);
  if (instrument === null) return null;
  const after = divideHeld(drift.holders, drift.held, instrument.lotSize);
  const repaired = drift.holders.map((position, index) => ({ position, quantity: after[index]?.quantity ?? ZERO }));
  for (const { position, quantity } of repaired) {
    const { subscriptionId, instrumentId, side } = position;
    const where = { subscriptionId, instrumentId, side };
    // What went is taken off at its cost: at what price it went is not ours to know.
    const cost = quantize(position.cost.times(quantity).div(position.quantity));
    const data = { quantity: toText(quantity), cost: toText(cost), updatedAt: at };
    await tx.position.updateMany({ where, data: quantity.isZero() ? { ...data, openedAt: null } : data });
    // Nothing is owed for a position that is gone.
    if (quantity.isZero())
      await tx.roundingDebt.updateMany({
        where: { subscriptionId, instrumentId },
        data: { quantity: '0', updatedAt: at },
      });
    note('position.repair', `subscription:${subscriptionId}`, {
      accountId: account.id,
      symbol: instrument.symbol,
      side,
      before: toText(position.quantity),
      after: toText(quantity),
      heldAtVenue: toText(drift.held),
    });
  }
  return repaired;
}

async function tell(
  deps: RecordDeps,
  tx: TenantTransaction,
  account: TradingAccount,
  driftId: string,
  drift: AccountDrift,
  repaired: boolean,
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
    repaired,
    at: at.getTime(),
  });
}
