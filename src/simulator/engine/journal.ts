import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the venue remembers across restarts: an append-only file of JSON lines `[kind, key, value]`, the newest line of a
 * (kind, key) being the truth. Changes are gathered in memory and written every `flushMs`, so an order pays one map entry
 * for durability. What belongs together is written together; a crash loses at most that time. The file is rewritten without what was overtaken at each start. Mode
 * 0600: it holds the secrets of simulated accounts.
 */
export class Journal {
  private readonly dirty = new Map<string, readonly [string, string, unknown]>();
  private handle: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly path: string | undefined,
    private readonly flushMs: number,
  ) {}

  /**
   * Without a folder nothing is kept. Returns the journal and what it held, by kind and key, without what `keep` does not
   * want any more.
   */
  static open(
    folder: string | undefined,
    keep: (kind: string, value: unknown) => boolean,
    flushMs = 20,
  ): { journal: Journal; stored: StoredState } {
    if (!folder) return { journal: new Journal(undefined, flushMs), stored: new StoredState() };
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'venue.jsonl');
    const stored = existsSync(path) ? readLines(path) : new StoredState();
    stored.prune(keep);
    const journal = new Journal(path, flushMs);
    journal.rewrite(stored);
    return { journal, stored };
  }

  private rewrite(stored: StoredState): void {
    if (!this.path) return;
    const next = `${this.path}.next`;
    const handle = openSync(next, 'w', 0o600);
    let text = '';
    for (const [kind, entries] of stored.kinds) {
      for (const [key, value] of entries) {
        text += `${JSON.stringify([kind, key, value])}\n`;
        if (text.length > 1 << 20) {
          writeSync(handle, text);
          text = '';
        }
      }
    }
    writeSync(handle, text);
    fsyncSync(handle);
    closeSync(handle);
    renameSync(next, this.path);
    this.handle = openSync(this.path, 'a', 0o600);
  }

  /** Remembers that a value changed; it is read when the journal is next written. */
  touch(kind: string, key: string, value: unknown): void {
    if (this.handle === undefined) return;
    this.dirty.set(`${kind} ${key}`, [kind, key, value]);
    if (!this.timer) {
      this.timer = setTimeout(() => this.flush(), this.flushMs);
      this.timer.unref();
    }
  }

  /** Writes everything that waits. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
    if (this.handle === undefined || this.dirty.size === 0) return;
    let text = '';
    for (const line of this.dirty.values()) text += `${JSON.stringify(line)}\n`;
    this.dirty.clear();
    writeSync(this.handle, text);
  }

  close(): void {
    this.flush();
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}

/** Values read back, by kind and key, in the order in which they first appeared. */
export class StoredState {
  readonly kinds = new Map<string, Map<string, unknown>>();

  put(kind: string, key: string, value: unknown): void {
    let entries = this.kinds.get(kind);
    if (!entries) {
      entries = new Map();
      this.kinds.set(kind, entries);
    }
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }

  prune(keep: (kind: string, value: unknown) => boolean): void {
    for (const [kind, entries] of this.kinds) {
      for (const [key, value] of entries) if (!keep(kind, value)) entries.delete(key);
    }
  }

  of(kind: string): ReadonlyMap<string, unknown> {
    return this.kinds.get(kind) ?? new Map();
  }
}

function readLines(path: string): StoredState {
  const stored = new StoredState();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      // Only the last line can be torn, by a crash in the middle of a write.
      continue;
    }
    if (Array.isArray(parsed) && typeof parsed[0] === 'string' && typeof parsed[1] === 'string') {
      stored.put(parsed[0], parsed[1], parsed[2]);
    }
  }
  return stored;
}
