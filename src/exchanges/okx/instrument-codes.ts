import type { AccountMode } from '@/domain/account-mode';
import type { Logger } from '@/platform/log';

/** New instruments come, and a code may change with a relisting: they are read again after this long, ms. */
const READ_EVERY = 10 * 60_000;
/** The next attempt after the venue could not be asked, ms. */
const RETRY_AFTER = 10_000;
/** Codes that could not be read again for so long are not used: an order for another instrument would be the worst. */
const GOOD_FOR = 15 * 60_000;

type Known = {
  codes: ReadonlyMap<string, number>;
  /** Symbols that the venue did not know by their code, until they are read again. */
  readonly distrusted: Set<string>;
  /** When they are to be read, and until when they may be used, by the process's own clock, ms. */
  dueAt: number;
  goodUntil: number;
};

/** OKX's numbers of its instruments: orders over a stream name an instrument by its number and not by its symbol. */
export class InstrumentCodes {
  readonly #read: (mode: AccountMode) => Promise<ReadonlyMap<string, number>>;
  readonly #logger: Logger;
  readonly #known = new Map<AccountMode, Known>();

  constructor(read: (mode: AccountMode) => Promise<ReadonlyMap<string, number>>, logger: Logger) {
    this.#read = read;
    this.#logger = logger;
  }

  /** Has them read, unless they are known. */
  prepare(mode: AccountMode): void {
    this.#refresh(mode, this.#of(mode));
  }

  /** Null: not known (yet), or not to be relied on. */
  of(mode: AccountMode, symbol: string): number | null {
    const known = this.#of(mode);
    this.#refresh(mode, known);
    if (performance.now() > known.goodUntil || known.distrusted.has(symbol)) return null;
    return known.codes.get(symbol) ?? null;
  }

  /** The venue does not know the instrument by its code. */
  distrust(mode: AccountMode, symbol: string): void {
    const { distrusted } = this.#of(mode);
    if (distrusted.has(symbol)) return;
    distrusted.add(symbol);
    this.#logger.warn({ mode, symbol }, 'the venue does not know an instrument by its code; its orders go over REST');
  }

  #of(mode: AccountMode): Known {
    let known = this.#known.get(mode);
    if (known === undefined) {
      known = { codes: new Map(), distrusted: new Set(), dueAt: 0, goodUntil: 0 };
      this.#known.set(mode, known);
    }
    return known;
  }

  #refresh(mode: AccountMode, known: Known): void {
    const now = performance.now();
    if (now < known.dueAt) return;
    known.dueAt = now + RETRY_AFTER;
    this.#read(mode).then(
      (codes) => {
        known.codes = codes;
        known.distrusted.clear();
        known.dueAt = now + READ_EVERY;
        known.goodUntil = now + GOOD_FOR;
      },
      (error: unknown) => {
        this.#logger.warn({ mode, reason: (error as Error).message }, 'the codes of instruments could not be read');
      },
    );
  }
}
