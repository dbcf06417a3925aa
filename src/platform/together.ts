type Waiting<In, Out> = {
  readonly item: In;
  readonly resolve: (out: Out | Promise<Out>) => void;
  readonly reject: (error: Error) => void;
};

/**
 * Does together what many ask for at the same time: what comes while a run is going goes into the next one, so that a thousand
 * askers cost a few runs and one alone waits for nobody.
 */
export class Together<In, Out> {
  #waiting: Waiting<In, Out>[] = [];
  #running = false;

  /**
   * @param run answers for each item, in their order; where it rejects, all of its items do. An answer that is an error rejects its own
   * item, and one that is a promise keeps nobody else waiting
   * @param most items of one run: bounds the statement's size
   */
  constructor(
    readonly run: (items: readonly In[]) => Promise<readonly (Out | Error | Promise<Out>)[]>,
    readonly most: number,
  ) {}

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#runAll());
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.most);
      try {
        const outs = await this.run(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, index) => {
          const out = outs[index] as Out | Error | Promise<Out>;
          if (out instanceof Error) reject(out);
          else resolve(out);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#running = false;
  }
}
