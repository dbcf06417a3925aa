import type { Account } from '../engine/model';
import { permits } from './auth';
import { operationFields } from './envelope';
import { VenueError } from './errors';
import { countOrders, type OrderOperation } from './order-limits';
import { amendOrder, cancelOrder, type OperationContext, type OperationRow, placeOrder } from './order-operations';
import { type Request, textOf } from './order-requests';
import type { OkxVenue } from './venue';

interface Operation {
  readonly counted: OrderOperation;
  readonly batched: boolean;
  readonly run: (venue: OkxVenue, account: Account, request: Request, context: OperationContext) => OperationRow;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  order: { counted: 'place', batched: false, run: placeOrder },
  'batch-orders': { counted: 'place', batched: true, run: placeOrder },
  'cancel-order': { counted: 'cancel', batched: false, run: cancelOrder },
  'batch-cancel-orders': { counted: 'cancel', batched: true, run: cancelOrder },
  'amend-order': { counted: 'amend', batched: false, run: amendOrder },
  'batch-amend-orders': { counted: 'amend', batched: true, run: amendOrder },
};

export function isOperation(op: string): boolean {
  return Object.hasOwn(OPERATIONS, op);
}

/** Handles an order operation that came over a private stream and returns the answer without its times. */
export function operate(
  venue: OkxVenue,
  account: Account | undefined,
  message: Request,
  receivedAt: number,
): { id: string; op: string; code: string; msg: string; data: readonly unknown[] } {
  const op = textOf(message.op);
  const id = textOf(message.id);
  try {
    if (!account) throw new VenueError('60011');
    if (!permits(account, 'trade')) throw new VenueError('50120');
    const operation = OPERATIONS[op];
    const requests = readRequests(message.args);
    if (!operation || !requests || (!operation.batched && requests.length !== 1)) throw new VenueError('60013');
    if (requests.length > 20) throw new VenueError('51111');
    const expTime = readDeadline(message.expTime, receivedAt);
    const refused = countOrders(venue, account, operation.counted, requests, operation.batched);
    const context = { receivedAt, expTime, byCode: true };
    const rows = requests.map((request, index) => refused[index] ?? operation.run(venue, account, request, context));
    return { id, op, ...operationFields(rows) };
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    return { id, op, code: error.code, msg: error.message, data: [] };
  }
}

function readRequests(args: unknown): Request[] | undefined {
  if (!Array.isArray(args) || args.length === 0) return undefined;
  const rows = args.filter((row): row is Request => typeof row === 'object' && row !== null && !Array.isArray(row));
  return rows.length === args.length ? rows : undefined;
}

function readDeadline(value: unknown, receivedAt: number): number | undefined {
  const text = textOf(value);
  if (text === '') return undefined;
  if (!/^\d{10,16}$/.test(text)) throw new VenueError('51000', 'expTime');
  if (Number(text) < receivedAt) throw new VenueError('50036');
  return Number(text);
}
