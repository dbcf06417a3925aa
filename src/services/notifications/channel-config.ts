import { z } from 'zod';
import type { TenantCipher } from '@/platform/cipher';
import { ChannelConfig } from './channel-sender';

const sealedSchema = z.object({ url: z.string(), secret: z.string() });
const place = (channelId: string): string => `NotificationChannel.configSealed:${channelId}`;

export function sealChannelConfig(
  cipher: TenantCipher,
  channelId: string,
  config: { readonly url: string; readonly secret: string },
): string {
  return cipher.seal(JSON.stringify({ url: config.url, secret: config.secret }), place(channelId));
}

/** Throws UnsealError where the text was altered or belongs to another channel. */
export function unsealChannelConfig(cipher: TenantCipher, channelId: string, sealed: string): ChannelConfig {
  const { url, secret } = sealedSchema.parse(JSON.parse(cipher.unseal(sealed, place(channelId))));
  return new ChannelConfig(url, secret);
}

/** The address with every parameter hidden but for the last four characters of a long one. */
export function maskUrl(text: string): string {
  const url = new URL(text);
  const parameters = [...url.searchParams].map(
    ([name, value]) => `${name}=****${value.length >= 16 ? value.slice(-4) : ''}`,
  );
  return `${url.origin}${url.pathname}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`;
}
