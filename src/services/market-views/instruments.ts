import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { InstrumentView, instrumentQuerySchema } from '@/contracts/api/market';
import type { AccountMode } from '@/domain/account-mode';
import { takesEntries } from '@/domain/listing';
import { decodeCursor, encodeCursor, toPage } from '../paging';
import { literalText } from '../search-text';
import { decimalText } from '../view-fields';
import type { WebContext } from '../web-context';
import { readLastPrices } from './last-prices';

/** The market's own price stands before a venue's demo and the simulator. */
const REAL_FIRST = ['live', 'demo', 'simulated'] as const satisfies readonly AccountMode[];

/** In the order of their ids. Reference data: the same for every tenant. */
export async function listInstruments(
  context: Pick<WebContext, 'database' | 'redis' | 'environment' | 'clock' | 'logger'>,
  query: z.output<typeof instrumentQuerySchema>,
): Promise<Page<InstrumentView>> {
  const [after] = query.cursor === undefined ? [] : decodeCursor(query.cursor, [/^[\w:-]{1,60}$/]);
  const rows = await context.database.system.instrument.findMany({
    where: {
      venue: query.venue,
      symbol: query.search === undefined ? undefined : { contains: literalText(query.search) },
      id: after === undefined ? undefined : { gt: after },
    },
    orderBy: { id: 'asc' },
    take: query.limit + 1,
  });
  const ids = rows.map((row) => row.id);
  const prices = await Promise.all(REAL_FIRST.map((mode) => readLastPrices(context, mode, ids)));
  return toPage(
    rows,
    query.limit,
    (row) => {
      const last = prices.find((ofMode) => ofMode.has(row.id))?.get(row.id);
      return {
        id: row.id,
        venue: row.venue,
        symbol: row.symbol,
        baseCurrency: row.baseCurrency,
        quoteCurrency: row.quoteCurrency,
        settleCurrency: row.settleCurrency,
        contractValue: decimalText(row.contractValue),
        lotSize: decimalText(row.lotSize),
        minSize: decimalText(row.minSize),
        tickSize: decimalText(row.tickSize),
        maxLeverage: decimalText(row.maxLeverage),
        tradable: takesEntries({ state: row.state, endsAt: row.endsAt?.getTime() ?? null }, context.clock.now()),
        state: row.state,
        endsAt: row.endsAt?.toISOString() ?? null,
        price: last?.price ?? null,
        priceAt: last === undefined ? null : new Date(last.at).toISOString(),
      };
    },
    (row) => encodeCursor(row.id),
  );
}
