import { AppError } from '@/contracts/envelope';
import { sha256 } from '@/platform/ids';
import { checkOutboundUrl, type Outbound, OutboundError, type OutboundPolicy } from '@/platform/outbound';
import type { ChannelMessage, ChannelSender, SendOutcome } from '../channel-sender';
import { readAnswer } from './answer';
import { signedUrl } from './sign';

export const DINGTALK_HOSTS: readonly string[] = ['oapi.dingtalk.com'];

/** DingTalk refuses bodies above 20,000 bytes; the rest is kept for its own wrapping. */
const LARGEST_BODY = 19_500;
const TIMEOUT_MS = 8000;

/** Throws AppError where the address cannot be a robot's, or must not be called. */
export function checkDingTalkUrl(text: string, policy: OutboundPolicy): void {
  try {
    const url = checkOutboundUrl(text, policy);
    if (url.searchParams.get('access_token')) return;
  } catch (error) {
    if (error instanceof OutboundError) throw new AppError('VALIDATION_ERROR', error.message, { field: 'url' });
    throw error;
  }
  throw new AppError('VALIDATION_ERROR', 'The address lacks its access_token', { field: 'url' });
}

/** Sends markdown through a DingTalk group's custom robot with a signature. */
export function createDingTalkSender(outbound: Outbound): ChannelSender {
  return {
    kind: 'dingtalk',
    // Published: 20 messages a minute for one robot, then ten minutes of silence. The longer window leaves room for
    // messages that take different times to arrive.
    quota: { messages: 20, windowMs: 65_000 },
    fits: (message) => Buffer.byteLength(toBody(message)) <= LARGEST_BODY,
    addressKey(config) {
      const url = new URL(config.reveal().url);
      return sha256(`${url.host} ${url.searchParams.get('access_token') ?? ''}`);
    },
    async send(config, message, now) {
      const { url, secret } = config.reveal();
      try {
        const answer = await outbound.postJson(signedUrl(url, secret, now), toBody(message), TIMEOUT_MS);
        return withoutSecrets(readAnswer(answer.status, answer.body), url, secret);
      } catch (error) {
        if (error instanceof OutboundError) return { kind: 'failed', code: error.code, message: error.message };
        return { kind: 'retry', code: 'UNREACHABLE', message: transportReason(error) };
      }
    },
  };
}

function toBody(message: ChannelMessage): string {
  return JSON.stringify({ msgtype: 'markdown', markdown: { title: message.title, text: message.text } });
}

/** A service that quotes what it was sent must not bring a secret into our logs and answers. */
function withoutSecrets(outcome: SendOutcome, url: string, secret: string): SendOutcome {
  if (outcome.kind === 'sent') return outcome;
  const token = new URL(url).searchParams.get('access_token') ?? '';
  const message = [secret, token]
    .filter((word) => word !== '')
    .reduce((text, word) => text.replaceAll(word, '****'), outcome.message);
  return { ...outcome, message };
}

/** The kind of a transport error and never its text, which may quote the address. */
function transportReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}
