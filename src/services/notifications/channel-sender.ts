import type { ChannelKind } from '@/contracts/api/notifications';

/** What goes out: one message, which may hold many notifications. `text` is markdown. */
export type ChannelMessage = { readonly title: string; readonly text: string };

/**
 * What is known after a delivery was tried. `code` is stable, `message` the service's own words; neither holds a secret.
 * sent          the service has it
 * rate_limited  not taken, because of the quota
 * retry         not taken, or nobody knows; worth another try
 * failed        not taken, and never will be while the channel is set up as it is
 */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'rate_limited' | 'retry' | 'failed'; readonly code: string; readonly message: string };

/** A channel's address and signing secret, in clear only between the cipher and the request. Redacts itself. */
export class ChannelConfig {
  readonly #clear: { readonly url: string; readonly secret: string };
  constructor(url: string, secret: string) {
    this.#clear = { url, secret };
  }
  /** The only way to the clear text. */
  reveal(): { readonly url: string; readonly secret: string } {
    return this.#clear;
  }
  toString(): string {
    return '[channel config]';
  }
  toJSON(): string {
    return '[channel config]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[channel config]';
  }
}

/** One kind of channel. */
export interface ChannelSender {
  readonly kind: ChannelKind;
  /** At most `messages` in any `windowMs`, for one address. */
  readonly quota: { readonly messages: number; readonly windowMs: number };
  /** Whether the message is within the service's size limit. */
  fits(message: ChannelMessage): boolean;
  /** What identifies the address for the quota: two channels with the same one share it. Not a secret. */
  addressKey(config: ChannelConfig): string;
  /** Never rejects: every failure is an outcome. `now` is epoch ms. */
  send(config: ChannelConfig, message: ChannelMessage, now: number): Promise<SendOutcome>;
}
