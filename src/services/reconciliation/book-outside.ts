import { type OutsidePiece, sharePieces } from '@/domain/closed-outside';
import { type Dec, quantize, toText, ZERO } from '@/domain/decimal';
import { divideHeld } from '@/domain/drift';
import { contractsToBase, type Instrument, notional } from '@/domain/instrument';
import { applyClosingFill, type OwnPosition, reduceAtCost } from '@/domain/position';
import type { PositionSide } from '@/domain/signal';
import type { Transaction } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import type { Note, TenantTransaction } from '../audit/audit-trail';
import type { ToldTrade } from '../execution/trade-messages';
import { queueClosedOutside } from '../notifications/queue';
import type { BookedPosition } from './account-book';

/** What is to be taken off the books of one account, and how it went. Contracts. */
export type ClosedOutside = {
  readonly tenantId: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly instrument: Instrument;
  readonly side: PositionSide;
  /** All who hold this side. */
  readonly holders: readonly BookedPosition[];
  /** What is left of it at the venue. */
  readonly held: Dec;
  /** They add up to what the holders have too much. */
  readonly pieces: readonly OutsidePiece[];
};

/** A holder's position after it, and what was written about it. */
export type BookAfter = {
  readonly position: BookedPosition;
  readonly quantity: Dec;
  readonly cost: Dec;
  readonly realizedPnl: Dec;
  readonly trades: readonly ToldTrade[];
};

/** Signals of this format tell of what happened at the venue without us. */
export const OUTSIDE_FORMAT = 'outside';

/**
 * Takes what was closed at the venue by no order of ours off the books of those who held it, in proportion: a trade for each of them and
 * each way in which it went, with the venue's price, under a signal that says so. Sends nothing. In the transaction that holds the
 * positions.
 */
export async function bookOutside(
  tx: TenantTransaction,
  note: Note,
  closed: ClosedOutside,
  at: Date,
): Promise<readonly BookAfter[]> {
  const { holders, held, instrument, pieces } = closed;
  const left = divideHeld(holders, held, instrument.lotSize);
  const parts = holders.map(({ quantity }, index) => quantity.minus(left[index]?.quantity ?? ZERO));
  const shares = sharePieces(parts, pieces);
  const signals = await addSignals(tx, closed, at);
  const fills = new FillIds();
  const books: BookAfter[] = [];
  for (const [index, position] of holders.entries()) {
    const own = shares[index] ?? [];
    if (own.length === 0) continue;
    const book = await bookHolder(tx, closed, position, own, signals.get(position.sourceId) ?? '', fills, at);
    books.push(book);
    note('position.repair', `subscription:${position.subscriptionId}`, {
      accountId: closed.accountId,
      symbol: instrument.symbol,
      side: closed.side,
      before: toText(position.quantity),
      after: toText(book.quantity),
      heldAtVenue: toText(held),
      codes: [...new Set(own.map(({ code }) => code))],
    });
  }
  await tell(tx, closed, books, at);
  return books;
}

/** One for each source whose followers are concerned: a signal belongs to one source. */
async function addSignals(
  tx: TenantTransaction,
  { tenantId, instrument, side, holders }: ClosedOutside,
  at: Date,
): Promise<ReadonlyMap<string, string>> {
  const signals = new Map<string, string>();
  for (const sourceId of new Set(holders.map((holder) => holder.sourceId))) {
    const id = newId(at.getTime());
    const idempotencyKey = `${OUTSIDE_FORMAT}:${id}`;
    await tx.signal.create({
      data: {
        id,
        tenantId,
        sourceId,
        instrumentId: instrument.id,
        idempotencyKey,
        format: OUTSIDE_FORMAT,
        status: 'done',
        intent: {
          symbol: instrument.symbol,
          action: 'close',
          side,
          size: null,
          orderType: 'market',
          limitPrice: null,
          referencePrice: null,
          leverage: null,
          stopPrice: null,
          sentAt: at.getTime(),
          maxLagMs: null,
          idempotencyKey,
        },
        rawBody: '',
        sentAt: at,
        expiresAt: at,
        receivedAt: at,
        doneAt: at,
      },
    });
    signals.set(sourceId, id);
  }
  return signals;
}

/** An execution may be divided among trades, and a venue's id is only used once: further parts of it are numbered. */
class FillIds {
  readonly #parts = new Map<string, number>();

  of(executionId: string): string {
    const part = this.#parts.get(executionId) ?? 0;
    this.#parts.set(executionId, part + 1);
    return part === 0 ? executionId : `${executionId}/${part}`;
  }
}

async function bookHolder(
  tx: TenantTransaction,
  { tenantId, accountId, customerId, instrument, side }: ClosedOutside,
  holder: BookedPosition,
  pieces: readonly OutsidePiece[],
  signalId: string,
  fills: FillIds,
  at: Date,
): Promise<BookAfter> {
  const { subscriptionId, strategyId } = holder;
  const closing: 'buy' | 'sell' = side === 'long' ? 'sell' : 'buy';
  const { quantity: held, cost: paid, realizedPnl, fees } = holder;
  let position: OwnPosition = { side, quantity: held, cost: paid, realizedPnl, fees };
  const trades: ToldTrade[] = [];
  for (const [round, group] of byCode(pieces).entries()) {
    const before = position;
    let quantity = ZERO;
    let value = ZERO;
    let fee = ZERO;
    for (const piece of group) {
      const { price } = piece;
      const pieceFee = quantize(piece.fee);
      const { cost } = position;
      position =
        price === null
          ? reduceAtCost(position, piece.quantity)
          : applyClosingFill(
              position,
              { side: closing, quantity: piece.quantity, price, fee: pieceFee.neg() },
              instrument,
            );
      quantity = quantity.plus(piece.quantity);
      value = value.plus(
        price === null ? cost.minus(position.cost) : quantize(notional(instrument, piece.quantity, price)),
      );
      fee = fee.plus(pieceFee);
    }
    const id = newId(at.getTime());
    const [first] = group;
    const told = group.every(({ price }) => price !== null);
    await tx.trade.create({
      data: {
        id,
        tenantId,
        signalId,
        strategyId,
        subscriptionId,
        customerId,
        accountId,
        instrumentId: instrument.id,
        leg: 'outside',
        round,
        side: closing,
        positionSide: side,
        reduceOnly: true,
        orderType: 'market',
        leverage: toText(holder.leverage),
        quantity: toText(quantity),
        status: 'filled',
        code: first?.code ?? null,
        detail: { price: told ? 'told' : 'untold' },
        decision: { steps: [], checks: [] },
        filledQuantity: toText(quantity),
        filledValue: toText(value),
        fee: toText(fee),
        realizedPnl: toText(position.realizedPnl.minus(before.realizedPnl)),
        bookedQuantity: toText(quantity),
        bookedValue: toText(value),
        createdAt: at,
        filledAt: new Date(group.reduce((latest, piece) => Math.max(latest, piece.at ?? 0), 0) || at.getTime()),
        updatedAt: at,
      },
    });
    const code = first?.code ?? null;
    const filled = { quantity, filledQuantity: quantity, filledValue: value };
    const about = { id, signalId, subscriptionId, customerId, strategyId, instrumentId: instrument.id, side: closing };
    trades.push({ ...about, leg: 'outside', status: 'filled', code, ...filled });
    for (const piece of group) {
      if (piece.executionId === null || piece.price === null) continue;
      await tx.fill.create({
        data: {
          id: newId(at.getTime()),
          tenantId,
          tradeId: id,
          accountId,
          instrumentId: instrument.id,
          venueFillId: fills.of(piece.executionId),
          quantity: toText(piece.quantity),
          price: toText(piece.price),
          fee: toText(quantize(piece.fee)),
          feeCurrency: instrument.settleCurrency,
          filledAt: new Date(piece.at ?? at.getTime()),
        },
      });
    }
  }
  await writePosition(tx, instrument.id, holder, position, at);
  return { ...position, position: holder, trades };
}

/** Pieces that went the same way make one receipt. */
function byCode(pieces: readonly OutsidePiece[]): readonly (readonly OutsidePiece[])[] {
  return [...new Set(pieces.map(({ code }) => code))].map((code) => pieces.filter((piece) => piece.code === code));
}

/** What was owed to the follower, or by him, shrinks with his position. */
async function writePosition(
  tx: TenantTransaction,
  instrumentId: string,
  holder: BookedPosition,
  { quantity, cost, realizedPnl, fees }: OwnPosition,
  at: Date,
): Promise<void> {
  const { subscriptionId, side } = holder;
  await tx.position.updateMany({
    where: { subscriptionId, instrumentId, side },
    data: {
      quantity: toText(quantity),
      cost: toText(cost),
      realizedPnl: toText(realizedPnl),
      fee: toText(fees),
      updatedAt: at,
      ...(quantity.isZero() ? { openedAt: null } : {}),
    },
  });
  const where = { subscriptionId, instrumentId, side };
  for (const debt of await tx.roundingDebt.findMany({ where })) {
    const owed = quantize(quantity.times(debt.quantity.toString()).div(holder.quantity));
    await tx.roundingDebt.updateMany({ where, data: { quantity: toText(owed), updatedAt: at } });
  }
}

async function tell(
  tx: TenantTransaction,
  { tenantId, accountId, instrument, side, pieces }: ClosedOutside,
  books: readonly BookAfter[],
  at: Date,
): Promise<void> {
  const base = (contracts: Dec): string => toText(contractsToBase(instrument, contracts));
  const total = (of: (book: BookAfter) => Dec): Dec => books.reduce((sum, book) => sum.plus(of(book)), ZERO);
  const closed = pieces.reduce((sum, { quantity }) => sum.plus(quantity), ZERO);
  const value = pieces.reduce<Dec | null>(
    (sum, { quantity, price }) => (sum === null || price === null ? null : sum.plus(quantity.times(price))),
    ZERO,
  );
  await queueClosedOutside(tx as unknown as Transaction, {
    tenantId,
    id: newId(at.getTime()),
    accountId,
    symbol: instrument.symbol,
    baseCurrency: instrument.baseCurrency,
    quoteCurrency: instrument.quoteCurrency,
    side,
    codes: [...new Set(pieces.map(({ code }) => code))],
    closedBase: base(closed),
    averagePrice: value === null ? null : toText(quantize(value.div(closed))),
    realizedPnl: value === null ? null : toText(total((book) => book.realizedPnl.minus(book.position.realizedPnl))),
    leftBase: base(total(({ quantity }) => quantity)),
    at: at.getTime(),
  });
}
