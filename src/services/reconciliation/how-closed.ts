import {
  explainMissing,
  type OutsideCode,
  type OutsideExecution,
  type OutsidePiece,
  type OutsideRest,
} from '@/domain/closed-outside';
import { type Dec, dec, isAboveZero, sum, ZERO } from '@/domain/decimal';
import type { PositionSide } from '@/domain/signal';
import type { AccountClient, EndedPosition, Execution, ExecutionCause } from '@/exchanges/port';
import { Prisma, type TenantClient } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import { venueSymbol } from '../execution/trade-record';

/** Venues tell executions of the last three days. */
const TOLD_FOR = 3 * 86_400_000;
/** What the venue does not tell at once is asked for again, ms. */
const ASK_AGAIN = [300, 1000] as const;
/** Orders of ours have ids like this. */
const OUR_ID = /^[0-9a-f]{32}$/;

const CODES: Readonly<Record<ExecutionCause, OutsideCode>> = {
  order: 'CLOSED_BY_HAND',
  liquidation: 'LIQUIDATED',
  adl: 'AUTO_DELEVERAGED',
  delivery: 'DELISTED',
};

export type Missing = {
  readonly tenantId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly side: PositionSide;
  /** Contracts. */
  readonly quantity: Dec;
  /** The position was opened then; null: not known. */
  readonly openedAt: Date | null;
};

/**
 * Finds out how what is missing at the venue went, and at what price: from its executions that are none of ours, else from how it says
 * that the position ended. What a venue tells neither of is without a trace.
 */
export async function howClosed(
  deps: { readonly db: Pick<TenantClient, '$queryRaw'>; readonly client: AccountClient; readonly logger: Logger },
  missing: Missing,
  now: number,
): Promise<readonly OutsidePiece[]> {
  const symbol = venueSymbol(missing.instrumentId);
  const since = Math.max(missing.openedAt?.getTime() ?? 0, now - TOLD_FOR);
  const told = (await ask(deps.logger, () => deps.client.getExecutions(symbol, since))) ?? [];
  const executions = await notOurs(
    deps.db,
    missing,
    told.filter((execution) => reduces(execution, missing.side)),
  );
  const explained = executions.reduce((total, { quantity }) => sum(total, quantity), ZERO);
  if (!explained.lt(missing.quantity)) return explainMissing(missing.quantity, executions, UNTOLD);
  const ended = await ask(deps.logger, () => deps.client.getEndedPositions(symbol));
  return explainMissing(missing.quantity, executions, restOf(ended ?? [], missing.side, since));
}

/**
 * Whether a part of it is gone without a trace: no execution and no ended position tells of it. Venues have answered with an empty list
 * of positions, minutes long, while everything was there.
 */
export function isWithoutTrace(pieces: readonly OutsidePiece[]): boolean {
  return pieces.some(({ code, price, at }) => code === UNTOLD.code && price === null && at === null);
}

const UNTOLD: OutsideRest = { code: 'CLOSED_ELSEWHERE', price: null, at: null };

function reduces({ side, positionSide }: Execution, held: PositionSide): boolean {
  return side === (held === 'long' ? 'sell' : 'buy') && (positionSide === null || positionSide === held);
}

function restOf(ended: readonly EndedPosition[], side: PositionSide, since: number): OutsideRest {
  const last = ended.find((position) => position.side === side && position.endedAt >= since);
  if (last === undefined) return UNTOLD;
  // That orders closed it does not say whose.
  const code = last.cause === 'order' ? 'CLOSED_ELSEWHERE' : CODES[last.cause];
  return { code, price: dec(last.averageClosePrice), at: last.endedAt };
}

/** Leaves out executions of our own orders, and what was booked before. */
async function notOurs(
  db: Pick<TenantClient, '$queryRaw'>,
  { tenantId, accountId, instrumentId }: Missing,
  executions: readonly Execution[],
): Promise<readonly OutsideExecution[]> {
  if (executions.length === 0) return [];
  const booked = await readBooked(db, { tenantId, accountId, instrumentId }, executions);
  const claimed = [...new Set(executions.map(({ clientOrderId }) => clientOrderId))].filter((id) => OUR_ID.test(id));
  const ours = new Set(
    claimed.length === 0
      ? []
      : (
          await db.$queryRaw<{ id: string }[]>(
            Prisma.sql`SELECT id FROM Trade WHERE tenantId = ${tenantId} AND accountId = ${accountId}
              AND id IN (${Prisma.join(claimed)})`,
          )
        ).map(({ id }) => id),
  );
  return executions.flatMap((execution): OutsideExecution[] => {
    if (ours.has(execution.clientOrderId)) return [];
    const whole = dec(execution.quantity);
    const quantity = whole.minus(booked.get(execution.venueFillId) ?? ZERO);
    if (!isAboveZero(quantity)) return [];
    return [
      {
        id: execution.venueFillId,
        code: CODES[execution.cause],
        quantity,
        price: dec(execution.price),
        fee: dec(execution.fee).times(quantity).div(whole),
        at: execution.filledAt,
      },
    ];
  });
}

/** How much of executions our fills contain. One that was divided has fills of its id and a number. */
async function readBooked(
  db: Pick<TenantClient, '$queryRaw'>,
  { tenantId, accountId, instrumentId }: Pick<Missing, 'tenantId' | 'accountId' | 'instrumentId'>,
  executions: readonly Execution[],
): Promise<ReadonlyMap<string, Dec>> {
  const earliest = executions.reduce((least, { filledAt }) => Math.min(least, filledAt), Number.POSITIVE_INFINITY);
  const rows = await db.$queryRaw<{ id: string; quantity: unknown }[]>(
    Prisma.sql`SELECT SUBSTRING_INDEX(venueFillId, '/', 1) AS id, SUM(quantity) AS quantity FROM Fill
      WHERE tenantId = ${tenantId} AND accountId = ${accountId} AND instrumentId = ${instrumentId}
        AND filledAt >= ${new Date(earliest - 1000)} GROUP BY id`,
  );
  return new Map(rows.map(({ id, quantity }) => [id, dec(String(quantity))]));
}

/** Null: the venue does not tell. */
async function ask<T>(logger: Logger, question: () => Promise<T>): Promise<T | null> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await question();
    } catch (error) {
      const pause = ASK_AGAIN[attempt];
      if (pause === undefined) {
        logger.warn({ reason: (error as Error).message }, 'the venue does not tell how a position went');
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
