import { randomInt } from 'node:crypto';
import type { Parameters } from 'fast-check';

/** Cases of the whole fuzzing, all files together: `FUZZ_CASES`, or what `npm test` has time for. */
const CASES = Number(process.env.FUZZ_CASES ?? 3_000);

/** A run is repeated with the seed that its failure prints: `FUZZ_SEED=… npm run fuzz`. */
const SEED = process.env.FUZZ_SEED === undefined ? randomInt(2 ** 31) : Number(process.env.FUZZ_SEED);

/** fast-check's settings for a share (0–1) of all cases. A failure prints the seed and the smallest counterexample. */
export function fuzzing<T = unknown>(share: number): Pick<Parameters<T>, 'numRuns' | 'seed' | 'verbose'> {
  return { numRuns: Math.max(5, Math.ceil(CASES * share)), seed: SEED, verbose: 0 };
}

/** Time that a test may take for its cases, ms. */
export const FUZZ_TIMEOUT = 60_000 + CASES * 30;
