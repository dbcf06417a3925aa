import type { RestClient } from 'okx-api';
import type { ListedInstrument } from '@/domain/listing';
import { type Candle, type MarketData, VenueError } from '@/exchanges/port';
import { toCandle, toInstrument } from './mapper';
import { createRestClient, firstRow, queryRows, type RestClientOptions } from './rest-client';
import { candleSchema, instrumentCodeSchema, instrumentSchema, tickerSchema, timeSchema } from './schema';

/** Product interval → OKX bar. From six hours on OKX's plain names count from Hong Kong's midnight; ours are UTC. */
const BARS: Readonly<Record<string, string>> = {
  '1m': '1m',
  '3m': '3m',
  '5m': '5m',
  '15m': '15m',
  '30m': '30m',
  '1h': '1H',
  '2h': '2H',
  '4h': '4H',
  '6h': '6Hutc',
  '12h': '12Hutc',
  '1d': '1Dutc',
  '1w': '1Wutc',
};

/** The venue gives at most so many candles at once. */
const CANDLES_A_PAGE = 300;

/** Public questions to OKX. */
export class OkxMarketData implements MarketData {
  readonly #rest: RestClient;

  constructor(options: RestClientOptions) {
    this.#rest = createRestClient(options, null);
  }

  /** Linear swaps settled in USDT. */
  async getInstruments(): Promise<readonly ListedInstrument[]> {
    const rows = await queryRows(() => this.#rest.getInstruments({ instType: 'SWAP' }), instrumentSchema);
    return rows.map(toInstrument).filter((instrument) => instrument !== null);
  }

  /** The venue's numbers of its swaps, by symbol. A number that two of them have names neither. */
  async getInstrumentCodes(): Promise<ReadonlyMap<string, number>> {
    const rows = await queryRows(() => this.#rest.getInstruments({ instType: 'SWAP' }), instrumentCodeSchema);
    const uses = new Map<number | null, number>();
    for (const { instIdCode } of rows) uses.set(instIdCode, (uses.get(instIdCode) ?? 0) + 1);
    return new Map(
      rows.flatMap(({ instId, instIdCode }) =>
        instIdCode === null || uses.get(instIdCode) !== 1 ? [] : [[instId, instIdCode]],
      ),
    );
  }

  async getPrice(symbol: string): Promise<{ readonly price: string; readonly at: number }> {
    const ticker = firstRow(await queryRows(() => this.#rest.getTicker({ instId: symbol }), tickerSchema));
    return { price: ticker.last, at: Number(ticker.ts) };
  }

  async getCandles(symbol: string, interval: string, limit: number): Promise<readonly Candle[]> {
    const bar = BARS[interval];
    if (!bar) throw new VenueError('UNSUPPORTED_INTERVAL', `OKX has no candles of "${interval}"`, 'refused');
    // Newest first, as the venue sends them.
    const candles: Candle[] = [];
    while (candles.length < limit) {
      const wanted = Math.min(CANDLES_A_PAGE, limit - candles.length);
      const oldest = candles.at(-1);
      const after = oldest ? { after: String(oldest.openedAt) } : {};
      const question = () => this.#rest.getCandles({ instId: symbol, bar, limit: String(wanted), ...after });
      const page = (await queryRows(question, candleSchema)).map(toCandle);
      candles.push(...page);
      if (page.length < wanted) break;
    }
    return candles.reverse();
  }

  async getTime(): Promise<number> {
    return Number(firstRow(await queryRows(() => this.#rest.getSystemTime({}), timeSchema)).ts);
  }
}
