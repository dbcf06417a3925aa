import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian puts libfaketime: one folder a machine type below. */
const LIBRARIES = '/usr/lib';
const LIBRARY = join('faketime', 'libfaketimeMT.so.1');

/** The path of libfaketime; null where it is not installed. */
export function faketimeLibrary(): string | null {
  if (process.platform !== 'linux') return null;
  const folders = readdirSync(LIBRARIES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const found = folders.map(({ name }) => join(LIBRARIES, name, LIBRARY)).find((path) => existsSync(path));
  return found ?? null;
}

/**
 * The wall clock of a child process, put aside by libfaketime; its monotonic clock and its timers run on as they are, as on a
 * machine whose clock somebody sets.
 */
export class FakedWallClock {
  readonly #directory = mkdtempSync(join(tmpdir(), 'wall-clock-'));
  readonly #file = join(this.#directory, 'offset');

  /** @param offsetMs how far ahead of the machine's own it is */
  constructor(
    readonly library: string,
    offsetMs: number,
  ) {
    this.set(offsetMs);
  }

  /** What the process needs in its environment. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      // Looked at once a second of that clock; at every call it would cost a file read each.
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Steps it, also while the process runs; it hears of it within a second. */
  set(offsetMs: number): void {
    writeFileSync(this.#file, `${offsetMs < 0 ? '-' : '+'}${(Math.abs(offsetMs) / 1000).toFixed(3)}s\n`);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
