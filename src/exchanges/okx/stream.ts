import type { z } from 'zod';
import type { Dec } from '@/domain/decimal';
import type { AccountStream, AccountStreamListener, StreamState, VenueAccount, VenueClock } from '@/exchanges/port';
import type { Logger } from '@/platform/log';
import { settlePrice, toBalance } from './balance';
import { toOrderUpdate } from './mapper';
import type { OkxOrderStreams, OrderStream } from './order-streams';
import { balanceSchema, type OkxBalance, orderSchema } from './schema';
import { type OkxChannel, OkxSocket, type OkxSocketOptions } from './socket';

const CHANNELS: readonly OkxChannel[] = [{ channel: 'orders', instType: 'SWAP' }, { channel: 'account' }];

/** Orders and balance of one account. The venue sends no snapshot of orders and may repeat a push. */
export class OkxAccountStream implements AccountStream {
  readonly accountId: string;
  readonly #socket: OkxSocket;
  readonly #listener: AccountStreamListener;
  readonly #logger: Logger;
  readonly #onClosed: () => void;
  readonly #orders: OkxOrderStreams | null;
  /** USD of one unit of the settlement currency, as last pushed: a push names only the currencies that changed. */
  #settlePrice: Dec | null = null;
  readonly #orderStream: OrderStream = {
    send: (text) => this.#socket.send(text),
    renew: (reason) => this.#socket.renew(reason),
  };

  /**
   * @param clock the log-in is signed by it
   * @param orders carries orders over this stream while it is live; null: it only listens
   */
  constructor(
    account: VenueAccount,
    socket: Pick<OkxSocketOptions, 'url' | 'pacer' | 'timings'>,
    clock: VenueClock,
    listener: AccountStreamListener,
    logger: Logger,
    onClosed: () => void,
    orders: OkxOrderStreams | null,
  ) {
    this.accountId = account.accountId;
    this.#listener = listener;
    this.#logger = logger.child({ accountId: account.accountId });
    this.#onClosed = onClosed;
    this.#orders = orders;
    this.#socket = new OkxSocket({
      ...socket,
      signer: { credentials: account.credentials, clock },
      channels: CHANNELS,
      onRows: (channel, rows) => this.#take(channel, rows),
      ...(orders === null ? {} : { onMessage: (text: string) => orders.take(this.#orderStream, text) }),
      onState: (state, reason) => {
        if (state === 'live') orders?.join(account, this.#orderStream);
        else orders?.leave(this.accountId, this.#orderStream);
        if (state === 'down') this.#logger.warn({ reason }, 'account stream is down');
        listener.onState(this.accountId, state, reason);
      },
    });
  }

  get state(): StreamState {
    return this.#socket.state;
  }

  async close(): Promise<void> {
    this.#socket.close();
    this.#orders?.leave(this.accountId, this.#orderStream);
    this.#onClosed();
  }

  #take(channel: string, rows: readonly unknown[]): void {
    for (const row of rows) {
      if (channel === 'orders') {
        const order = this.#read(row, orderSchema, channel);
        if (order) this.#tell(() => this.#listener.onOrder(toOrderUpdate(order, this.accountId)));
      } else if (channel === 'account') {
        const account = this.#read(row, balanceSchema, channel);
        if (account) this.#takeBalance(account);
      }
    }
  }

  #takeBalance(row: OkxBalance): void {
    this.#settlePrice = settlePrice(row) ?? this.#settlePrice;
    const balance = toBalance(row, this.#settlePrice);
    if (balance) this.#tell(() => this.#listener.onBalance(this.accountId, balance));
  }

  #read<Row>(row: unknown, schema: z.ZodType<Row>, channel: string): Row | null {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    this.#logger.error({ channel, issues: parsed.error.issues }, 'a push is not as documented');
    // Saying live once more makes the listener ask for what this push would have told.
    if (this.state === 'live') this.#tell(() => this.#listener.onState(this.accountId, 'live', 'MALFORMED_PUSH'));
    return null;
  }

  /** The SDK would swallow what a listener throws. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error({ err: error }, 'a listener of an account stream failed');
    }
  }
}
