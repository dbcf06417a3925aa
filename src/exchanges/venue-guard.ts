import type { AccountMode } from '@/domain/account-mode';
import {
  advanceCircuit,
  CIRCUIT_LIMITS,
  type Circuit,
  type CircuitEvent,
  type CircuitLimits,
  type Contact,
  closedCircuit,
  isSound,
} from '@/domain/circuit-breaker';
import { currentTime } from '@/platform/clock';
import type { Logger } from '@/platform/log';
import {
  type AccountClient,
  type BreakerView,
  type MarketData,
  VENUE_UNREACHABLE,
  type VenueBreaker,
  VenueError,
} from './port';

export type VenueGuardOptions = {
  readonly venue: string;
  readonly mode: AccountMode;
  /** One cheap public question. Rejects with a VenueError; what the venue itself answered counts as an answer. */
  readonly probe: () => Promise<unknown>;
  readonly logger: Logger;
  readonly limits?: CircuitLimits;
};

/** The breaker of one mode of a venue in this process: a circuit, the clock that drives it, and its probes. */
export class VenueGuard implements VenueBreaker {
  readonly #options: VenueGuardOptions;
  readonly #logger: Logger;
  #circuit: Circuit;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: VenueGuardOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ mode: options.mode });
    this.#circuit = closedCircuit(performance.now());
  }

  get reachable(): boolean {
    return this.#circuit.state === 'closed';
  }

  get spell(): number {
    return this.#circuit.spell;
  }

  /** Notes what a request that was made in `spell` met; null says nothing. */
  note(spell: number, contact: Contact | null): void {
    if (contact === null || (contact === 'answered' && isSound(this.#circuit))) return;
    this.#advance({ kind: 'request', contact, spell, at: performance.now() });
  }

  /** Asks the venue something, or fails at once while it is gone. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    if (!this.reachable) {
      throw new VenueError(
        VENUE_UNREACHABLE,
        'The venue does not answer; it is not asked until it does',
        'unavailable',
      );
    }
    const { spell } = this;
    try {
      const answer = await question();
      this.note(spell, 'answered');
      return answer;
    } catch (error) {
      this.note(spell, error instanceof VenueError ? error.contact : null);
      throw error;
    }
  }

  view(): BreakerView {
    const { state, since, failures, lastFailure, lastFailureAt, nextProbeAt } = this.#circuit;
    // The circuit's clock never goes back; people read the other one.
    const offset = currentTime() - performance.now();
    const wall = (at: number): number => Math.round(at + offset);
    return {
      venue: this.#options.venue,
      mode: this.#options.mode,
      state,
      since: wall(since),
      failures,
      lastFailure,
      lastFailureAt: lastFailureAt === null ? null : wall(lastFailureAt),
      nextProbeAt: nextProbeAt === null ? null : wall(nextProbeAt),
    };
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #advance(event: CircuitEvent): void {
    const before = this.#circuit;
    this.#circuit = advanceCircuit(before, event, this.#options.limits ?? CIRCUIT_LIMITS);
    if (this.#circuit.state !== before.state) this.#changed(before);
  }

  #changed(before: Circuit): void {
    const { state, failures, lastFailure, nextProbeAt } = this.#circuit;
    if (state === 'closed') {
      const goneMs = Math.round(performance.now() - before.since);
      this.#logger.info({ goneMs }, 'the venue answers again');
    } else if (before.state === 'closed') {
      this.#logger.warn({ failures, lastFailure }, 'the venue is gone: nothing is sent until it answers');
    }
    if (state === 'open' && nextProbeAt !== null && !this.#closed) {
      this.#timer = setTimeout(() => void this.#probe(), nextProbeAt - performance.now());
      this.#timer.unref();
    }
  }

  async #probe(): Promise<void> {
    this.#advance({ kind: 'probe_sent', at: performance.now() });
    let contact: Contact = 'answered';
    try {
      await this.#options.probe();
    } catch (error) {
      // What cannot be told from absence counts as absence: the next probe comes soon.
      contact = (error instanceof VenueError ? error.contact : null) ?? 'foreign_answer';
    }
    this.#advance({ kind: 'probe', contact, at: performance.now() });
  }
}

/** Lets the questions of an account pass the guard. Cancels pass it on their own way. */
export function guardAccount(client: AccountClient, guard: VenueGuard): AccountClient {
  return {
    getOrder: (symbol, clientOrderId) => guard.ask(() => client.getOrder(symbol, clientOrderId)),
    getOrderById: (symbol, venueOrderId) => guard.ask(() => client.getOrderById(symbol, venueOrderId)),
    getStop: (symbol, clientOrderId) => guard.ask(() => client.getStop(symbol, clientOrderId)),
    getPendingOrders: (symbol) => guard.ask(() => client.getPendingOrders(symbol)),
    getFills: (symbol, venueOrderId) => guard.ask(() => client.getFills(symbol, venueOrderId)),
    getExecutions: (symbol, since) => guard.ask(() => client.getExecutions(symbol, since)),
    getEndedPositions: (symbol) => guard.ask(() => client.getEndedPositions(symbol)),
    getBalance: () => guard.ask(() => client.getBalance()),
    getPositions: () => guard.ask(() => client.getPositions()),
    getConfig: () => guard.ask(() => client.getConfig()),
    getLeverage: (symbol, marginMode) => guard.ask(() => client.getLeverage(symbol, marginMode)),
    cancelOrder: (symbol, clientOrderId) => client.cancelOrder(symbol, clientOrderId),
    cancelStop: (symbol, clientOrderId, startBy) => client.cancelStop(symbol, clientOrderId, startBy),
  };
}

export function guardMarket(market: MarketData, guard: VenueGuard): MarketData {
  return {
    getInstruments: () => guard.ask(() => market.getInstruments()),
    getPrice: (symbol) => guard.ask(() => market.getPrice(symbol)),
    getCandles: (symbol, interval, limit) => guard.ask(() => market.getCandles(symbol, interval, limit)),
    getTime: () => guard.ask(() => market.getTime()),
  };
}
