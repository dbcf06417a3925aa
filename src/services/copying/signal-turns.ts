import { FairQueue } from '@/platform/fair-queue';
import type { Precedence } from '@/platform/precedence';

/** Signals that one worker copies at a time: they wait for their venue most of the time. */
const AT_ONCE = 64;
/** Of one tenant: they share the connections to the database. */
const OF_ONE_TENANT = 4;
/** Of one tenant that wait in memory; what comes beyond is found by the sweep. */
const WAITING = 1000;
/** What may not begin beside others is looked at again after this long, ms: they may be gone, or what was begun may hang. */
const AGAIN_AFTER = 100;

type Offer = { readonly signalId: string; readonly tenantId: string };

/**
 * Which signals a worker copies next: tenants take turns, so that neither a burst nor signals that hang or fail again and again keep
 * another tenant's waiting. What it is offered may be lost with the worker: rows remember, and the sweep offers them again.
 */
export class SignalTurns {
  readonly #queue = new FairQueue<Offer>();
  readonly #waiting = new Set<string>();
  /** Being copied; true: offered again meanwhile, so that it is looked at once more. */
  readonly #copying = new Map<string, boolean>();
  readonly #running = new Map<string, number>();
  readonly #runs = new Set<Promise<void>>();
  #again: NodeJS.Timeout | null = null;
  #closed = false;

  /**
   * @param copy must not reject
   * @param precedence told which signals wait and which are copied
   */
  constructor(
    readonly copy: (signalId: string) => Promise<void>,
    readonly precedence: Precedence,
  ) {
    precedence.ended = () => this.#start();
  }

  /** Signals that are being copied. */
  get running(): number {
    return this.#runs.size;
  }

  /** Resolves when what is being copied now has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#runs);
  }

  /** Takes a signal; once, while it waits. `tenantId` empty: it is not known, and those share one turn. */
  offer(signalId: string, tenantId = ''): void {
    if (this.#closed || this.#waiting.has(signalId) || this.#queue.lengthOf(tenantId) >= WAITING) return;
    if (this.#copying.has(signalId)) {
      // It may have found that it was not its turn a moment before it became so.
      this.#copying.set(signalId, true);
      return;
    }
    this.#waiting.add(signalId);
    this.precedence.add(tenantId);
    this.#queue.push(tenantId, { signalId, tenantId });
    this.#start();
  }

  /** Takes nothing up any more. Answers what was waiting. */
  close(): readonly Offer[] {
    this.#closed = true;
    if (this.#again !== null) clearTimeout(this.#again);
    const left: Offer[] = [];
    for (let offer = this.#queue.shift(); offer !== null; offer = this.#queue.shift()) left.push(offer);
    return left;
  }

  #start(): void {
    while (this.#runs.size < AT_ONCE) {
      const next = this.#queue.shift((tenantId) => this.#mayBegin(tenantId));
      if (next === null) break;
      const run: Promise<void> = this.#run(next).then(() => this.#onEnd(run, next));
      this.#runs.add(run);
    }
  }

  #mayBegin(tenantId: string): boolean {
    if ((this.#running.get(tenantId) ?? 0) >= OF_ONE_TENANT) return false;
    if (this.precedence.mayBegin(tenantId)) return true;
    this.#again ??= setTimeout(() => {
      this.#again = null;
      this.#start();
    }, AGAIN_AFTER);
    return false;
  }

  async #run({ signalId, tenantId }: Offer): Promise<void> {
    this.#waiting.delete(signalId);
    this.#copying.set(signalId, false);
    this.#running.set(tenantId, (this.#running.get(tenantId) ?? 0) + 1);
    this.precedence.begin(tenantId, signalId);
    await this.copy(signalId);
  }

  #onEnd(run: Promise<void>, { signalId, tenantId }: Offer): void {
    this.#runs.delete(run);
    this.precedence.end(signalId);
    this.precedence.remove(tenantId);
    const again = this.#copying.get(signalId) === true;
    this.#copying.delete(signalId);
    const left = (this.#running.get(tenantId) ?? 1) - 1;
    if (left === 0) this.#running.delete(tenantId);
    else this.#running.set(tenantId, left);
    if (this.#closed) return;
    if (again) this.offer(signalId, tenantId);
    this.#start();
  }
}
