import { hashText, type Random, seededRandom } from '@/simulator/engine/random';

/** Seeded draws. Streams of different names are independent, so that a new fault does not change the signals of a seed. */
export class Chance {
  readonly #random: Random;

  constructor(seed: number, name: string) {
    this.#random = seededRandom((Math.imul(seed, 0x9e3779b1) ^ hashText(name)) >>> 0);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#random();
  }

  /** True in one of `n` draws on average. */
  oneIn(n: number): boolean {
    return this.#random() < 1 / n;
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.#random() * items.length)] ?? items[0];
  }
}
