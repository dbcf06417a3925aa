import type { Venue } from '@/exchanges/port';
import type { Database } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { Precedence } from '@/platform/precedence';
import type { Turns } from '@/platform/turns';
import type { ExecutionLimits, OrderExecutor } from './order-executor';
import type { Patience } from './patience';
import type { ExecutionTimings } from './timings';
import type { TradeBook } from './trade-book';

export type PhaseDeps = {
  readonly database: Database;
  readonly executor: OrderExecutor;
  readonly book: TradeBook;
  readonly venue: (key: string) => Venue;
  readonly timings: ExecutionTimings;
  readonly turns: Turns;
  readonly precedence: Precedence;
  readonly logger: Logger;
};

export type PhaseOrders = {
  readonly tenantId: string;
  readonly signalId: string;
  /** Resolves when the orders are rows of Trade; not before all parts are known. */
  readonly rows: Promise<void>;
  /** Told, perhaps more than once, when all orders that were started have their answers. */
  readonly answered: () => void;
  /** Trades that may have been sent by a worker that is gone. */
  readonly mayExist: ReadonlySet<string>;
  readonly limits: ExecutionLimits;
  /** How long the orders are waited for; reconciliation goes on with what is unsettled then. */
  readonly patience: Patience;
};
