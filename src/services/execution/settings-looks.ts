/** An account is looked at so often at most, ms: the venue counts these questions. */
const LOOK_EVERY = 2000;
/** Answers are forgotten after this, ms. */
const FORGET_AFTER = 60_000;

type Look = { readonly at: number; readonly answer: Promise<boolean> };

/** Looks at accounts' settings: one serves everybody who wants to know what they are since a moment before it. */
export class SettingsLooks {
  readonly #looks = new Map<string, Look>();

  /**
   * @param look answers whether the venue told
   * @param now ms of a clock that never goes back
   */
  constructor(
    readonly look: (accountId: string) => Promise<boolean>,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** How the settings stand at a moment or later. Answers false where the venue does not tell. Never rejects. */
  async since(accountId: string, moment: number, wait: (ms: number) => Promise<void>): Promise<boolean> {
    const known = this.#looks.get(accountId);
    if (known !== undefined && known.at >= moment) return known.answer;
    const early = known === undefined ? 0 : known.at + LOOK_EVERY - this.now();
    if (early > 0) {
      await wait(early);
      // Another one that waited has most likely asked meanwhile.
      const next = this.#looks.get(accountId);
      if (next !== undefined && next.at >= moment) return next.answer;
    }
    const at = this.now();
    const answer = this.look(accountId).catch(() => false);
    this.#forget(at - FORGET_AFTER);
    this.#looks.set(accountId, { at, answer });
    return answer;
  }

  #forget(before: number): void {
    for (const [id, { at }] of this.#looks) if (at < before) this.#looks.delete(id);
  }
}
