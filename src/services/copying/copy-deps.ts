import type { RealtimeMessage } from '@/contracts/realtime';
import type { Cipher } from '@/platform/cipher';
import { type Database, Prisma } from '@/platform/database/database';
import type { Logger } from '@/platform/log';
import type { Precedence } from '@/platform/precedence';
import type { Turns } from '@/platform/turns';
import type { BalanceAsker } from '../balances/balance-asker';
import type { KeyRing } from '../execution/key-ring';
import type { ExecutorDeps } from '../execution/order-executor';
import type { TradeBook } from '../execution/trade-book';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import type { PriceBoard } from '../pricing/price-board';
import type { KillSwitchBoard } from '../safety/kill-switch-board';
import type { Claimable } from './claim';
import { type PlannedStrategy, toPlannedStrategy } from './plan';
import type { SliceSizes } from './slices';

/** What copying stands on in a worker. */
export type CopyDeps = Required<Omit<ExecutorDeps, 'extendSendBy' | 'report'>> & {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly keys: KeyRing;
  readonly instruments: InstrumentCatalogue;
  readonly prices: PriceBoard;
  readonly book: TradeBook;
  /** Asked what an account is worth where nobody has told. */
  readonly balances: Pick<BalanceAsker, 'ask'>;
  readonly killSwitches: KillSwitchBoard;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  /** Told of a signal for an instrument that takes no entries as far as is known. */
  readonly askedFor?: (instrumentId: string) => void;
  /** Hands a signal to the workers; `ours`: it is one of our own. */
  readonly wake: (signalId: string, tenantId: string, ours?: boolean) => Promise<void>;
  /** The processor, shared by the tenants whose signals are copied. */
  readonly turns: Turns;
  /** Tenants with much to do give way to those with little. */
  readonly precedence: Precedence;
  readonly worker: string;
  readonly slices: SliceSizes;
  readonly logger: Logger;
};

type StrategyRow = Parameters<typeof toPlannedStrategy>[0] & { readonly symbols: string | null };

/** The strategies of a signal's source, oldest first. */
export async function readStrategies(
  { database }: Pick<CopyDeps, 'database'>,
  { tenantId, sourceId }: Pick<Claimable, 'tenantId' | 'sourceId'>,
): Promise<readonly PlannedStrategy[]> {
  const rows = await database.statements.$queryRaw<StrategyRow[]>(
    Prisma.sql`SELECT id, status, killSwitch, defaultLeverage, maxLeverage, CAST(symbols AS CHAR) AS symbols, maxSlippage
      FROM Strategy WHERE tenantId = ${tenantId} AND signalSourceId = ${sourceId} ORDER BY createdAt`,
  );
  return rows.map((row) =>
    toPlannedStrategy({ ...row, symbols: row.symbols === null ? null : (JSON.parse(row.symbols) as unknown) }),
  );
}
