/** A piece of work goes ahead for this long at most, ms: what takes longer waits for somebody else. */
const AHEAD_FOR = 500;
/** Who has at most the so manieth part of another group's work is quieter. */
const QUIETER = 2;
/** A piece of work is guessed to take so many turns: one that took more than all of another group's is not ahead of it any more. */
const TURNS_OF_ONE = 4;
/** Most that a group gives way in one go, ms; what it gave away it gets back while it goes on, in half the time. */
const MOST_GIVEN = 1000;
const REGAINED = 2;
/** A group begins so many pieces at a time where another one has begun some … */
const BESIDE_OTHERS = 1;
/** … so short a time ago, ms. */
const LATELY = 1000;

/** What one group does. Times are the process's own, ms. */
type Group = {
  /** Pieces of work that wait or are done. */
  pieces: number;
  /** How long the group may still give way, as of `since`. */
  left: number;
  since: number;
  /** Those that give way. */
  waiting: (() => void)[];
};

type Ahead = { readonly group: string; readonly until: number; turns: number };

/**
 * Lets who has little to do go ahead of who has much: between two steps of its work a group asks whether it has to give way, and waits
 * while a piece of a quieter group is under way. What groups share without turns (the database, the venue, the other processor) is
 * then free for the quieter one. Equally loud groups do not wait for each other, a group that is alone never waits, and none gives
 * way for more than a second in one go or for more than two thirds of a long time, whatever the others have.
 */
export class Precedence {
  readonly #groups = new Map<string, Group>();
  readonly #ahead = new Map<string, Ahead>();
  /** Who began a piece last, and who did last of the others. */
  #latest = { group: '', at: Number.NEGATIVE_INFINITY };
  #before = this.#latest;
  #timer: NodeJS.Timeout | null = null;

  /** Called when a piece of work has ended: another one may begin. */
  ended: () => void = () => undefined;

  /** A piece of work of this group waits from now on. */
  add(group: string): void {
    const known = this.#groups.get(group);
    if (known !== undefined) known.pieces += 1;
    else this.#groups.set(group, { pieces: 1, left: MOST_GIVEN, since: performance.now(), waiting: [] });
  }

  /** One of the group's pieces of work has ended. */
  remove(group: string): void {
    const known = this.#groups.get(group);
    if (known === undefined) return;
    known.pieces -= 1;
    if (known.pieces <= 0) this.#groups.delete(group);
    // Nobody is left behind with what is forgotten.
    for (const resume of known.pieces <= 0 ? known.waiting : []) resume();
    this.#look();
  }

  /**
   * Whether a group may begin another piece now. A group that is alone may; beside others it begins few at a time, so that little of it
   * is under way when somebody quieter comes. Ask again when one has ended, or some time later.
   */
  mayBegin(group: string): boolean {
    const now = performance.now();
    const other = this.#latest.group === group ? this.#before : this.#latest;
    if (now - other.at >= LATELY) return true;
    let begun = 0;
    for (const ahead of this.#ahead.values()) if (ahead.group === group && now < ahead.until) begun += 1;
    return begun < BESIDE_OTHERS;
  }

  /** A piece of work begins: louder groups give way to it until `end`. */
  begin(group: string, id: string): void {
    const now = performance.now();
    if (this.#latest.group !== group) this.#before = this.#latest;
    this.#latest = { group, at: now };
    this.#ahead.set(id, { group, until: now + AHEAD_FOR, turns: 0 });
  }

  /** What is left of this piece of work has time. May be told more than once. */
  end(id: string): void {
    if (!this.#ahead.delete(id)) return;
    this.#look();
    this.ended();
  }

  /** Resolves when this piece of work of a group need not give way to another group (any more). */
  async giveWay(group: string, id: string): Promise<void> {
    const own = this.#ahead.get(id);
    if (own !== undefined) own.turns += 1;
    const known = this.#groups.get(group);
    if (known === undefined) return;
    const now = performance.now();
    if (known.waiting.length === 0) {
      known.left = Math.min(MOST_GIVEN, known.left + REGAINED * (now - known.since));
      known.since = now;
    }
    if (!this.#givesWay(group, known, now)) return;
    await new Promise<void>((resolve) => {
      known.waiting.push(resolve);
      this.#look();
    });
  }

  #givesWay(group: string, { left, pieces, since }: Group, now: number): boolean {
    if (now - since >= left) return false;
    for (const ahead of this.#ahead.values()) {
      if (ahead.group === group || now >= ahead.until || ahead.turns > TURNS_OF_ONE * pieces) continue;
      if (QUIETER * (this.#groups.get(ahead.group)?.pieces ?? 1) <= pieces) return true;
    }
    return false;
  }

  /** Lets those go on who need not wait any more. */
  #look(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [name, group] of this.#groups) {
      if (group.waiting.length === 0) continue;
      if (this.#givesWay(name, group, now)) {
        next = Math.min(next, group.since + group.left - now);
        continue;
      }
      group.left -= now - group.since;
      group.since = now;
      for (const resume of group.waiting.splice(0)) resume();
    }
    if (next === Number.POSITIVE_INFINITY) return;
    for (const { until } of this.#ahead.values()) if (until > now) next = Math.min(next, until - now);
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(next)));
  }
}
