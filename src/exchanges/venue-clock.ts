import { type ClockOffset, offsetOf, refineOffset, timeThere } from '@/domain/clock-offset';
import type { Logger } from '@/platform/log';
import type { VenueClock } from './port';

/** A measurement older than this is taken again with the next use, ms. */
const FRESH_FOR = 10_000;
/** The first answer pays for the connection: so many are asked for at first. */
const FIRST_ROUNDS = 3;

/**
 * A venue's clock as this process knows it: measured against the process's own monotonic clock, so that nobody who sets the
 * machine's time puts it wrong.
 */
export class MeasuredVenueClock implements VenueClock {
  readonly #ask: () => Promise<number>;
  readonly #guarded: (question: () => Promise<void>) => Promise<void>;
  readonly #logger: Logger;
  #offset: ClockOffset | null = null;
  /** The last time that the venue itself has told. */
  #told = 0;
  #measuring: Promise<void> | null = null;

  /**
   * @param ask the venue's time, epoch ms; rejects where it does not answer
   * @param guarded lets a question pass the venue's breaker
   */
  constructor(ask: () => Promise<number>, guarded: (question: () => Promise<void>) => Promise<void>, logger: Logger) {
    this.#ask = ask;
    this.#guarded = guarded;
    this.#logger = logger;
  }

  now(): number | null {
    if (this.#offset === null) return null;
    const own = performance.now();
    if (own - this.#offset.at > FRESH_FOR) void this.measure();
    return timeThere(this.#offset, own);
  }

  async ready(): Promise<boolean> {
    if (this.#offset === null) await this.measure();
    return this.#offset !== null;
  }

  /** Never rejects; what is asked at the same time is one question. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = null;
    });
    return this.#measuring;
  }

  async hasPassed(moment: number): Promise<boolean> {
    if (this.#told > moment) return true;
    const now = this.now();
    if (now !== null && now <= moment) return false;
    await this.measure();
    return this.#told > moment;
  }

  /** One question that no breaker is asked about: a breaker's probe. Rejects as `ask` does. */
  async read(): Promise<void> {
    const asked = performance.now();
    const told = await this.#ask();
    this.#offset = refineOffset(this.#offset, offsetOf(asked, told, performance.now()));
    this.#told = told;
  }

  async #measure(): Promise<void> {
    const rounds = this.#offset === null ? FIRST_ROUNDS : 1;
    try {
      for (let round = 0; round < rounds; round += 1) await this.#guarded(() => this.read());
    } catch (error) {
      this.#logger.debug({ reason: (error as Error).message }, 'the venue clock was not read');
    }
  }
}
