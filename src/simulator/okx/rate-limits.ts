interface Window {
  startedAt: number;
  used: number;
}

export interface Limit {
  readonly max: number;
  readonly windowMs: number;
}

/** Fixed windows that start with the first request counted in them. */
export class RateLimits {
  private readonly windows = new Map<string, Window>();

  constructor(
    public enabled: boolean,
    private readonly now: () => number,
  ) {}

  /** Counts `amount` against a key; false, and nothing counted, where it does not fit. */
  take(key: string, limit: Limit, amount = 1): boolean {
    if (!this.enabled) return true;
    const time = this.now();
    const window = this.windows.get(key);
    if (!window || time - window.startedAt >= limit.windowMs || time < window.startedAt) {
      if (this.windows.size > 200_000) this.windows.clear();
      this.windows.set(key, { startedAt: time, used: amount });
      return amount <= limit.max;
    }
    if (window.used + amount > limit.max) return false;
    window.used += amount;
    return true;
  }
}

export const TWO_SECONDS = 2000;
