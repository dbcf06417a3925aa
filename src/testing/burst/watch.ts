import { readFileSync } from 'node:fs';
import { Prisma } from '@/platform/database/database';
import type { World } from '../storm/world';

const EVERY = 500;

/** Resident memory of one process, MB. */
export type Memory = { readonly peak: number; readonly half: number; readonly final: number };

/** Looks at the memory of every process and at the queue while a burst runs. */
export class Watch {
  readonly #peak = new Map<string, number>();
  readonly #half = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  /** Age of the oldest signal that was not finished, ms: the longest that was seen. */
  longestQueueAge = 0;
  /** Signals of this tenant that are not finished; null before the first look. */
  waiting: number | null = null;

  constructor(
    readonly world: World,
    readonly tenantId: string,
    readonly signals: number,
  ) {
    this.#timer = setInterval(() => {
      this.#looking = this.look().catch(() => undefined);
    }, EVERY);
  }

  async look(): Promise<void> {
    const memory = readMemory(this.world);
    for (const [name, size] of memory) this.#peak.set(name, Math.max(size, this.#peak.get(name) ?? 0));
    const [row] = await this.world.database
      .forTenant(this.tenantId)
      .$queryRaw<{ waiting: bigint; done: bigint; oldest: Date | null }[]>(
        Prisma.sql`SELECT SUM(status IN ('received', 'planning', 'dispatching')) AS waiting, SUM(status = 'done') AS done,
            MIN(IF(status IN ('received', 'planning', 'dispatching'), receivedAt, NULL)) AS oldest
          FROM \`Signal\` WHERE tenantId = ${this.tenantId}`,
      );
    if (row === undefined) return;
    this.waiting = Number(row.waiting);
    if (row.oldest !== null) {
      this.longestQueueAge = Math.max(this.longestQueueAge, Date.now() - new Date(row.oldest).getTime());
    }
    if (this.#half.size === 0 && Number(row.done) * 2 >= this.signals) {
      for (const [name, size] of memory) this.#half.set(name, size);
    }
  }

  /** Stops looking; answers what each process needed. */
  async stop(): Promise<Readonly<Record<string, Memory>>> {
    clearInterval(this.#timer);
    await this.#looking;
    const final = readMemory(this.world);
    return Object.fromEntries(
      [...final].map(([name, size]) => [
        name,
        { peak: Math.max(size, this.#peak.get(name) ?? 0), half: this.#half.get(name) ?? size, final: size },
      ]),
    );
  }
}

function readMemory(world: World): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [name, pid] of world.pids()) {
    try {
      const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      if (found?.[1] !== undefined) sizes.set(name, Math.round(Number(found[1]) / 1024));
    } catch {
      // It ended meanwhile.
    }
  }
  return sizes;
}
