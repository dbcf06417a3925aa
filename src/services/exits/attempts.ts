import type { Dec } from '@/domain/decimal';
import { dec } from '@/domain/decimal';
import { CUT, pauseBeforeExit, pauseWhileClosed } from '@/domain/exit';
import { isTerminal, type TradeStatus } from '@/domain/order-state';
import { type Database, Prisma } from '@/platform/database/database';
import { isClosedForNowRefusal } from '../execution/instrument-refusal';
import type { ExitRow } from './exit-row';
import { byTenant, type NextStep } from './sync-exits';

type Close = {
  readonly status: TradeStatus;
  readonly code: string | null;
  readonly message: string | null;
  readonly quantity: Dec;
  readonly filledQuantity: Dec;
};

/**
 * What is to be done after attempts. Each goes on as soon as its own order has ended, even if others of the same signal have not; those
 * whose order may still fill, or is not decided, are left out.
 */
export async function stepsAfterAttempts(database: Database, exits: readonly ExitRow[]): Promise<readonly NextStep[]> {
  const steps: NextStep[] = [];
  const tried = exits.filter(({ signalId }) => signalId !== null);
  for (const [tenantId, own] of byTenant(tried)) {
    const ended = await readEnded(database, tenantId, own);
    const ids = [...new Set(own.flatMap(({ signalId }) => signalId ?? []))];
    const closes = await readCloses(database, tenantId, ids);
    for (const exit of own) {
      const close = closes.get(`${exit.signalId}|${exit.subscriptionId}`);
      const end = ended.get(exit.signalId ?? '');
      if (close === undefined && end === undefined) continue;
      const step = close === undefined ? notPlanned(exit, end ?? 'done') : stepAfter(exit, close);
      if (step !== null) steps.push(step);
    }
  }
  return steps;
}

/** Nothing was to be closed when it was planned (other closes are on their way, or it has not to go any more), or it could not be planned. */
function notPlanned(exit: ExitRow, status: 'done' | 'rejected'): NextStep {
  if (status === 'done') return { ...exit, attempts: exit.attempts - 1, code: null, message: null, wait: LOOK_AGAIN };
  return { ...exit, code: 'PLANNING_FAILED', message: null, wait: pauseBeforeExit(exit.attempts, exit.lasted) };
}
const LOOK_AGAIN = 500;

function stepAfter(exit: ExitRow, { status, code, message, quantity, filledQuantity }: Close): NextStep | null {
  if (!isTerminal(status)) return null;
  const most = null;
  // The venue took so much in one order: the rest goes on at once.
  if (!filledQuantity.lt(quantity))
    return { ...exit, look: false, most, attempts: 0, code: null, message: null, wait: 0 };
  const wait = pauseBeforeExit(exit.attempts, exit.lasted);
  // That the instrument does not trade says nothing of what is held.
  if (status === 'rejected' && code !== null && isClosedForNowRefusal(code)) {
    return { ...exit, look: false, most, code, message, wait: pauseWhileClosed(exit.attempts, exit.lasted) };
  }
  // What the venue refused or cut it is asked about at once; what did not get there is tried again.
  if (status === 'rejected') return { ...exit, look: true, most, code, message, wait: 0 };
  if (status === 'canceled' || status === 'filled') {
    const attempts = filledQuantity.isZero() ? exit.attempts : 0;
    return { ...exit, look: true, most, attempts, code: code ?? CUT, message, wait: 0 };
  }
  return { ...exit, look: false, most, code: code ?? status.toUpperCase(), message, wait };
}

async function readEnded(
  database: Database,
  tenantId: string,
  exits: readonly ExitRow[],
): Promise<ReadonlyMap<string, 'done' | 'rejected'>> {
  const ids = [...new Set(exits.flatMap(({ signalId }) => (signalId === null ? [] : [signalId])))];
  const rows = await database.forTenant(tenantId).$queryRaw<{ id: string; status: 'done' | 'rejected' }[]>(
    Prisma.sql`SELECT id, status FROM \`Signal\` WHERE tenantId = ${tenantId} AND id IN (${Prisma.join(ids)})
      AND status IN ('done', 'rejected')`,
  );
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** By signal and subscription. */
async function readCloses(
  database: Database,
  tenantId: string,
  signalIds: readonly string[],
): Promise<ReadonlyMap<string, Close>> {
  if (signalIds.length === 0) return new Map();
  const rows = await database.forTenant(tenantId).$queryRaw<Record<string, unknown>[]>(
    Prisma.sql`SELECT signalId, subscriptionId, status, code, quantity, filledQuantity,
        JSON_UNQUOTE(JSON_EXTRACT(detail, '$.message')) AS message FROM Trade
      WHERE tenantId = ${tenantId} AND signalId IN (${Prisma.join([...signalIds])}) AND leg = 'close'`,
  );
  return new Map(
    rows.map((row) => [
      `${row.signalId}|${row.subscriptionId}`,
      {
        status: row.status as TradeStatus,
        code: row.code as string | null,
        message: row.message as string | null,
        quantity: dec(String(row.quantity)),
        filledQuantity: dec(String(row.filledQuantity)),
      },
    ]),
  );
}
