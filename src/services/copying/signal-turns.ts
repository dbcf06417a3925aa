import { FairQueue } from '@/platform/fair-queue';
import type { Precedence } from '@/platform/precedence';

/** Signals of a kind that one worker copies at a time: of all tenants, and of one; they wait for their venue most of the time. */
type Slots = { readonly atOnce: number; readonly ofOneTenant: number };
/** Those of one tenant share the connections to the database. */
const LEADERS: Slots = { atOnce: 64, ofOneTenant: 4 };
/** They are small, one that hangs must keep no other one waiting, and a tenant has many when everything has to go. */
const EXITS: Slots = { atOnce: 64, ofOneTenant: 16 };
/** Of one tenant and kind that wait in memory; what comes beyond is found by the sweep. */
const WAITING = 1000;
/** What may not begin beside others is looked at again after this long, ms: they may be gone, or what was begun may hang. */
const AGAIN_AFTER = 100;

type Offer = { readonly signalId: string; readonly tenantId: string; readonly ours: boolean };

/** One kind's signals: which wait, and how many are copied. */
class Kind {
  readonly queue = new FairQueue<Offer>();
  readonly #running = new Map<string, number>();
  #all = 0;

  constructor(readonly slots: Slots) {}

  get isFull(): boolean {
    return this.#all >= this.slots.atOnce;
  }

  hasSlot(tenantId: string): boolean {
    return (this.#running.get(tenantId) ?? 0) < this.slots.ofOneTenant;
  }

  begin(tenantId: string): void {
    this.#all += 1;
    this.#running.set(tenantId, (this.#running.get(tenantId) ?? 0) + 1);
  }

  end(tenantId: string): void {
    this.#all -= 1;
    const left = (this.#running.get(tenantId) ?? 1) - 1;
    if (left === 0) this.#running.delete(tenantId);
    else this.#running.set(tenantId, left);
  }
}

/**
 * Which signals a worker copies next: tenants take turns, so that neither a burst nor signals that hang or fail again and again keep
 * another tenant's waiting. Signals of our own, which close, have slots of their own: they wait for no leader's signal and give way to
 * nobody. What it is offered may be lost with the worker: rows remember, and the sweep offers them again.
 */
export class SignalTurns {
  readonly #leaders = new Kind(LEADERS);
  readonly #exits = new Kind(EXITS);
  readonly #waiting = new Set<string>();
  /** Being copied; true: offered again meanwhile, so that it is looked at once more. */
  readonly #copying = new Map<string, boolean>();
  readonly #runs = new Set<Promise<void>>();
  #again: NodeJS.Timeout | null = null;
  #closed = false;

  /**
   * @param copy must not reject
   * @param precedence told which signals of leaders wait and which are copied
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

  /**
   * Takes a signal; once, while it waits.
   * @param tenantId empty: it is not known, and those share one turn
   * @param ours it is a signal of our own
   */
  offer(signalId: string, tenantId = '', ours = false): void {
    const { queue } = this.#kind(ours);
    if (this.#closed || this.#waiting.has(signalId) || queue.lengthOf(tenantId) >= WAITING) return;
    if (this.#copying.has(signalId)) {
      // It may have found that it was not its turn a moment before it became so.
      this.#copying.set(signalId, true);
      return;
    }
    this.#waiting.add(signalId);
    if (!ours) this.precedence.add(tenantId);
    queue.push(tenantId, { signalId, tenantId, ours });
    this.#start();
  }

  /** Takes nothing up any more. Answers what was waiting. */
  close(): readonly Offer[] {
    this.#closed = true;
    if (this.#again !== null) clearTimeout(this.#again);
    const left: Offer[] = [];
    for (const { queue } of [this.#exits, this.#leaders]) {
      for (let offer = queue.shift(); offer !== null; offer = queue.shift()) left.push(offer);
    }
    return left;
  }

  #kind(ours: boolean): Kind {
    return ours ? this.#exits : this.#leaders;
  }

  #start(): void {
    this.#startOf(this.#exits, (tenantId) => this.#exits.hasSlot(tenantId));
    this.#startOf(this.#leaders, (tenantId) => this.#mayBegin(tenantId));
  }

  #startOf(kind: Kind, mayBegin: (tenantId: string) => boolean): void {
    while (!kind.isFull) {
      const next = kind.queue.shift(mayBegin);
      if (next === null) break;
      const run: Promise<void> = this.#run(next).then(() => this.#onEnd(run, next));
      this.#runs.add(run);
    }
  }

  #mayBegin(tenantId: string): boolean {
    if (!this.#leaders.hasSlot(tenantId)) return false;
    if (this.precedence.mayBegin(tenantId)) return true;
    this.#again ??= setTimeout(() => {
      this.#again = null;
      this.#start();
    }, AGAIN_AFTER);
    return false;
  }

  async #run({ signalId, tenantId, ours }: Offer): Promise<void> {
    this.#waiting.delete(signalId);
    this.#copying.set(signalId, false);
    this.#kind(ours).begin(tenantId);
    if (!ours) this.precedence.begin(tenantId, signalId);
    await this.copy(signalId);
  }

  #onEnd(run: Promise<void>, { signalId, tenantId, ours }: Offer): void {
    this.#runs.delete(run);
    this.#kind(ours).end(tenantId);
    if (!ours) {
      this.precedence.end(signalId);
      this.precedence.remove(tenantId);
    }
    const again = this.#copying.get(signalId) === true;
    this.#copying.delete(signalId);
    if (this.#closed) return;
    if (again) this.offer(signalId, tenantId, ours);
    this.#start();
  }
}
