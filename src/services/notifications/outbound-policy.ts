import type { Environment } from '@/platform/env';
import type { OutboundPolicy } from '@/platform/outbound';
import { DINGTALK_HOSTS } from './dingtalk/sender';

/** Where this installation's messages may go. */
export function notificationPolicy(environment: Pick<Environment, 'ALLOW_PRIVATE_ADDRESSES'>): OutboundPolicy {
  return { hosts: DINGTALK_HOSTS, allowPrivate: environment.ALLOW_PRIVATE_ADDRESSES };
}
