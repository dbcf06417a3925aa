/** What of one group waits, first in, first out. */
class Line<T> {
  #items: T[] = [];
  #next = 0;

  get length(): number {
    return this.#items.length - this.#next;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T {
    const item = this.#items[this.#next++] as T;
    if (this.#next === this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    return item;
  }
}

/** A queue in which groups take turns, however many of one of them wait: nobody waits for more than one of each other group. */
export class FairQueue<T> {
  readonly #lines = new Map<string, Line<T>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** How many of one group wait. */
  lengthOf(group: string): number {
    return this.#lines.get(group)?.length ?? 0;
  }

  push(group: string, item: T): void {
    let line = this.#lines.get(group);
    if (line === undefined) {
      line = new Line();
      this.#lines.set(group, line);
    }
    line.push(item);
    this.#length += 1;
  }

  /** The next item; null: nothing waits, or none of a group that may go. */
  shift(mayGo: (group: string) => boolean = anyMay): T | null {
    // A map keeps the order in which its keys were added, so that the first is the one whose turn was longest ago.
    for (const [group, line] of this.#lines) {
      if (!mayGo(group)) continue;
      const item = line.shift();
      this.#length -= 1;
      this.#lines.delete(group);
      if (line.length > 0) this.#lines.set(group, line);
      return item;
    }
    return null;
  }

  clear(): void {
    this.#lines.clear();
    this.#length = 0;
  }
}

function anyMay(): boolean {
  return true;
}
