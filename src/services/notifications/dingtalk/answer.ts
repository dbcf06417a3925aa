import { z } from 'zod';
import type { SendOutcome } from '../channel-sender';

/** DingTalk's answer; HTTP 200 for nearly everything, errcode 0 for success. */
const answerSchema = z.object({ errcode: z.number(), errmsg: z.string().default('') });

/**
 * What errcodes mean. Source: DingTalk open platform, "Custom robot", error codes.
 * Codes that are not listed fail for good: repeating an answer that nobody understands only uses up the quota.
 */
const RATE_LIMITED = new Set([130101, 410100]);
const BUSY = -1;
const KNOWN: Readonly<Record<number, string>> = {
  310000: 'SECURITY_MISMATCH',
  300001: 'TOKEN_INVALID',
  300005: 'TOKEN_INVALID',
  40014: 'TOKEN_INVALID',
  400101: 'TOKEN_INVALID',
  400013: 'GROUP_DISSOLVED',
  400102: 'ROBOT_DISABLED',
  400106: 'ROBOT_MISSING',
  400105: 'MESSAGE_KIND_REFUSED',
  40035: 'PARAMETERS_MISSING',
  430101: 'CONTENT_REFUSED',
  430102: 'CONTENT_REFUSED',
  430103: 'CONTENT_REFUSED',
  430104: 'CONTENT_REFUSED',
};

/** Reads what DingTalk answered to a message. */
export function readAnswer(status: number, body: string): SendOutcome {
  if (status === 429) return { kind: 'rate_limited', code: 'RATE_LIMITED', message: 'HTTP 429' };
  if (status >= 500) return { kind: 'retry', code: 'UNAVAILABLE', message: `HTTP ${status}` };
  if (status !== 200) return { kind: 'failed', code: 'HTTP_STATUS', message: `HTTP ${status}` };
  const answer = parse(body);
  // A gateway's page instead of JSON: nobody knows whether the robot has it.
  if (answer === null) return { kind: 'retry', code: 'ANSWER_UNREADABLE', message: 'The answer is not JSON' };
  const { errcode, errmsg } = answer;
  if (errcode === 0) return { kind: 'sent' };
  const message = `${errcode} ${errmsg}`.slice(0, 200);
  if (RATE_LIMITED.has(errcode)) return { kind: 'rate_limited', code: 'RATE_LIMITED', message };
  if (errcode === BUSY) return { kind: 'retry', code: 'UNAVAILABLE', message };
  return { kind: 'failed', code: KNOWN[errcode] ?? 'REFUSED', message };
}

function parse(body: string): z.infer<typeof answerSchema> | null {
  try {
    return answerSchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
