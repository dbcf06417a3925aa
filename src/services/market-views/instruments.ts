import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { InstrumentView, instrumentQuerySchema } from '@/contracts/api/market';
import { decodeCursor, encodeCursor, toPage } from '../paging';
import { literalText } from '../search-text';
import { decimalText } from '../view-fields';
import type { WebContext } from '../web-context';
import { readLastPrices } from './last-prices';

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
  const prices = await readLastPrices(
    context,
    rows.map((row) => row.id),
  );
  return toPage(
    rows,
    query.limit,
    (row) => {
      const last = prices.get(row.id);
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
        tradable: row.tradable,
        price: last?.price ?? null,
        priceAt: last === undefined ? null : new Date(last.at).toISOString(),
      };
    },
    (row) => encodeCursor(row.id),
  );
}
