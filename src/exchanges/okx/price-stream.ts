import type { MarketListener, PriceStream } from '@/exchanges/port';
import type { Logger } from '@/platform/log';
import { tickerSchema } from './schema';
import { OkxSocket, type OkxSocketOptions } from './socket';

/** Last prices over one public socket. */
export class OkxPriceStream implements PriceStream {
  readonly #socket: OkxSocket;
  readonly #onClosed: () => void;

  constructor(
    symbols: readonly string[],
    socket: Pick<OkxSocketOptions, 'url' | 'pacer' | 'timings'>,
    listener: MarketListener,
    logger: Logger,
    onClosed: () => void,
  ) {
    this.#onClosed = onClosed;
    this.#socket = new OkxSocket({
      ...socket,
      signer: null,
      channels: symbols.map((instId) => ({ channel: 'tickers', instId })),
      onRows: (_channel, rows) => {
        for (const row of rows) {
          const ticker = tickerSchema.safeParse(row);
          if (!ticker.success) {
            logger.error({ issues: ticker.error.issues }, 'a ticker is not as documented');
            continue;
          }
          try {
            listener.onPrice(ticker.data.instId, ticker.data.last, Number(ticker.data.ts));
          } catch (error) {
            logger.error({ err: error }, 'a listener of prices failed');
          }
        }
      },
      onState: (state, reason) => {
        if (state === 'down') logger.warn({ reason }, 'price stream is down');
        listener.onState(state);
      },
    });
  }

  async close(): Promise<void> {
    this.#socket.close();
    this.#onClosed();
  }
}
