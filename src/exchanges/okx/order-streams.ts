import type { AccountMode } from '@/domain/account-mode';
import type { Transmission } from '@/exchanges/http/connection-pool';
import type { Credentials, OrderRequest, VenueAccount, VenueClock } from '@/exchanges/port';
import type { VenueGuard } from '@/exchanges/venue-guard';
import type { InstrumentCodes } from './instrument-codes';
import { contactOf, parseEnvelope } from './outcome';
import { GONE } from './private-post';
import { isMistimed } from './timing';

/** A live, logged-in private stream that can carry orders. */
export type OrderStream = {
  /** False: nothing was handed over, the stream is not open any more or does not get rid of what it was given. */
  readonly send: (text: string) => boolean;
  /** It is not logged in after all: it is to be opened anew. */
  readonly renew: (reason: string) => void;
};

type Logged = { readonly credentials: Credentials; readonly stream: OrderStream };

type Pending = {
  readonly accountId: string;
  readonly mode: AccountMode;
  readonly symbol: string;
  readonly stream: OrderStream;
  /** By the process's own clock, ms. */
  readonly lateAt: number;
  readonly resolve: (transmission: Transmission | null) => void;
};

/** Requests without an answer are looked for this often, ms. */
const SWEEP_MS = 100;
/** After a stream failed an order its account's orders go over REST for this long, ms. */
const AVOID_MS = 60_000;

/** Codes of the stream itself, not of the order: what became of an order is not certain after most of them. */
const OF_THE_STREAM = /^6\d{4}$/;
const NOT_LOGGED_IN = '60011';
/** Those that refused the message at the door: nobody is logged in, or it is not written as it should be. No order came of it. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  NOT_LOGGED_IN,
  '60012',
  '60013',
  '60014',
  '60018',
  '60019',
  '60027',
  '60028',
  '60033',
]);
/**
 * The venue's no to how a stream names the instrument: its code is unknown (demo trading was seen not to know the codes that it
 * tells itself), or that member is not read there ("parameter error", "parameter can not be empty"). REST may say yes.
 */
const NOT_BY_CODE: ReadonlySet<string> = new Set(['51001', '51000', '50014']);

const ALWAYS = (): boolean => true;

/**
 * Orders over the private streams of the accounts that place them: a stream is open and logged in anyway, so that an order
 * needs no connection, no signature and no HTTP. What certainly did not get to the venue this way is told by null, and may go
 * another one.
 */
export class OkxOrderStreams {
  readonly #codes: InstrumentCodes;
  readonly #guard: (mode: AccountMode) => VenueGuard;
  readonly #clock: (mode: AccountMode) => VenueClock;
  readonly #timeoutMs: number;
  readonly #logged = new Map<string, Logged>();
  readonly #pending = new Map<string, Pending>();
  /** Accounts, and until when by the process's own clock their streams are not used. */
  readonly #avoided = new Map<string, number>();
  #sweep: NodeJS.Timeout | null = null;
  #lastId = 0;

  /**
   * @param guard is asked before every order, and told what became of it
   * @param clock says whether an order has expired before it leaves
   * @param timeoutMs from handing an order over until its answer
   */
  constructor(
    codes: InstrumentCodes,
    guard: (mode: AccountMode) => VenueGuard,
    clock: (mode: AccountMode) => VenueClock,
    timeoutMs: number,
  ) {
    this.#codes = codes;
    this.#guard = guard;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** The account's stream is live from now on. */
  join(account: VenueAccount, stream: OrderStream): void {
    this.#codes.prepare(account.mode);
    this.#logged.set(account.accountId, { credentials: account.credentials, stream });
  }

  /** The stream is gone: what it carried may have happened. Another stream of the account is left alone. */
  leave(accountId: string, stream: OrderStream): void {
    if (this.#logged.get(accountId)?.stream === stream) this.#logged.delete(accountId);
    for (const [id, pending] of this.#pending) {
      if (pending.stream === stream) this.#fail(id, pending, LOST);
    }
  }

  /**
   * Hands an order over. Null: this account has no such stream here, or its door did not pass the order on; it certainly does not
   * exist. Never rejects.
   * @param body of the order, for the instrument with this code
   */
  async post(
    account: VenueAccount,
    order: Pick<OrderRequest, 'symbol' | 'expiresAt' | 'mayStart'>,
    body: (instrumentCode: number) => string | null,
  ): Promise<Transmission | null> {
    const { accountId, mode } = account;
    const logged = this.#logged.get(accountId);
    // A stream that is logged in with a key that was replaced meanwhile is about to be closed.
    if (logged === undefined || !isSameKey(logged.credentials, account.credentials)) return null;
    const { stream } = logged;
    const begun = performance.now();
    if ((this.#avoided.get(accountId) ?? 0) > begun) return null;
    const code = this.#codes.of(mode, order.symbol);
    const args = code === null ? null : body(code);
    if (args === null) return null;
    const guard = this.#guard(mode);
    if (!guard.reachable) return GONE;
    const clock = this.#clock(mode);
    const now = clock.now();
    // REST waits until it is known.
    if (now === null) return null;
    if (now >= order.expiresAt) return NOT_SENT_IN_TIME;
    if (!(order.mayStart ?? ALWAYS)()) return WITHDRAWN;
    const { spell } = guard;
    const id = this.#nextId();
    const answer = new Promise<Transmission | null>((resolve) => {
      const lateAt = begun + this.#timeoutMs;
      this.#pending.set(id, { accountId, mode, symbol: order.symbol, stream, lateAt, resolve });
    });
    if (!stream.send(`{"id":"${id}","op":"order","expTime":"${order.expiresAt}","args":[${args}]}`)) {
      this.#pending.delete(id);
      return null;
    }
    this.#sweep ??= setInterval(() => this.#giveUpLate(performance.now()), SWEEP_MS);
    const transmission = await answer;
    if (transmission !== null) {
      guard.note(spell, contactOverStream(transmission));
      if (isMistimed(transmission)) void clock.measure();
    }
    return transmission;
  }

  /** Whether a message of a stream was the answer to an order; it is taken then. */
  take(stream: OrderStream, text: string): boolean {
    if (!text.includes('"op":"order"')) return false;
    const id = idOf(text);
    const pending = id === null ? undefined : this.#pending.get(id);
    // An answer after its time-out: whoever asked was told that it is unknown.
    if (id === null || pending?.stream !== stream) return true;
    const envelope = parseEnvelope(text);
    const code = envelope?.code === '1' || envelope?.code === '2' ? envelope.rows[0]?.sCode : envelope?.code;
    if (code !== undefined && NOT_PASSED_ON.has(code)) {
      this.#fail(id, pending, null);
      if (code === NOT_LOGGED_IN) stream.renew(code);
    } else if (code !== undefined && NOT_BY_CODE.has(code)) {
      this.#codes.distrust(pending.mode, pending.symbol);
      this.#settle(id, pending, null);
    } else if (code !== undefined && OF_THE_STREAM.test(code)) {
      this.#fail(id, pending, { kind: 'failed', sent: true, code, message: envelope?.msg ?? '' });
    } else {
      const answered: Transmission = { kind: 'answered', status: 200, retryAfterMs: null, body: text };
      if (envelope === null) this.#fail(id, pending, answered);
      else this.#settle(id, pending, answered);
    }
    return true;
  }

  /** Whatever is under way gets an answer. */
  close(): void {
    for (const [id, pending] of this.#pending) this.#settle(id, pending, LOST);
    this.#logged.clear();
  }

  /** One of its own for every message: an order that is sent again must not get the answer of the attempt before. */
  #nextId(): string {
    this.#lastId += 1;
    return this.#lastId.toString(36);
  }

  #settle(id: string, pending: Pending, transmission: Transmission | null): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0 && this.#sweep !== null) {
      clearInterval(this.#sweep);
      this.#sweep = null;
    }
    pending.resolve(transmission);
  }

  /** The next orders of this account take the other way: a stream that fails one would fail them as well, until they are too old. */
  #fail(id: string, pending: Pending, transmission: Transmission | null): void {
    this.#avoided.set(pending.accountId, performance.now() + AVOID_MS);
    this.#settle(id, pending, transmission);
  }

  /** Oldest first: they come in the order of their time. Whether a stream is dead is found out by its own heartbeat. */
  #giveUpLate(now: number): void {
    for (const [id, pending] of this.#pending) {
      if (pending.lateAt > now) return;
      this.#fail(id, pending, TIMED_OUT);
    }
  }
}

/**
 * What it says about the venue's being there. A stream that is lost says nothing: it may have been closed by us, and takes all orders
 * of its account with it.
 */
function contactOverStream(transmission: Transmission): ReturnType<typeof contactOf> {
  return transmission.kind === 'failed' && transmission.code !== TIMED_OUT.code ? null : contactOf(transmission);
}

function isSameKey(one: Credentials, other: Credentials): boolean {
  const [a, b] = [one.reveal(), other.reveal()];
  return a.apiKey === b.apiKey && a.secret === b.secret && a.passphrase === b.passphrase;
}

/** The answer's own id; rows hold none. */
function idOf(text: string): string | null {
  const start = text.indexOf('"id":"');
  if (start < 0) return null;
  const end = text.indexOf('"', start + 6);
  return end < 0 ? null : text.slice(start + 6, end);
}

const LOST: Transmission = {
  kind: 'failed',
  sent: true,
  code: 'STREAM_LOST',
  message: 'The stream was lost before an answer',
};
const TIMED_OUT = {
  kind: 'failed',
  sent: true,
  code: 'TIMEOUT',
  message: 'No answer came over the stream in time',
} as const satisfies Transmission;
const NOT_SENT_IN_TIME: Transmission = {
  kind: 'failed',
  sent: false,
  code: 'NOT_SENT_IN_TIME',
  message: 'The request could not be sent in time',
};
const WITHDRAWN: Transmission = {
  kind: 'failed',
  sent: false,
  code: 'WITHDRAWN',
  message: 'The order is not to be sent any more',
};
