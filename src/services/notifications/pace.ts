import type { ChannelUse } from './outbox-rows';

type Quota = { readonly messages: number; readonly windowMs: number };

/**
 * Whether a message may leave now. The first half of the quota is for messages that should come at once; after that they are
 * spread over the window, so that a busy channel is heard every few seconds instead of falling silent.
 */
export function mayLeave(quota: Quota, use: ChannelUse, now: number): boolean {
  if (use.messages >= quota.messages) return false;
  if (use.messages < quota.messages / 2) return true;
  return now - use.lastAt >= quota.windowMs / quota.messages;
}

/** What this process itself sent to each address: exact where several channels share one. */
export class AddressUse {
  readonly #sent = new Map<string, number[]>();

  note(address: string, now: number): void {
    this.#sent.set(address, [...(this.#sent.get(address) ?? []), now]);
  }

  /** Forgets what is older than `since`. */
  since(address: string, since: number): ChannelUse {
    const kept = (this.#sent.get(address) ?? []).filter((at) => at >= since);
    if (kept.length === 0) this.#sent.delete(address);
    else this.#sent.set(address, kept);
    return { messages: kept.length, lastAt: kept.at(-1) ?? 0 };
  }
}

/** The stricter of two counts, which each miss what the other saw: other processes' messages, or tries of the same one. */
export function stricter(a: ChannelUse | undefined, b: ChannelUse): ChannelUse {
  if (a === undefined) return b;
  return { messages: Math.max(a.messages, b.messages), lastAt: Math.max(a.lastAt, b.lastAt) };
}
