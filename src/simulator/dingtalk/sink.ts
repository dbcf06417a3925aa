import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Journal, StoredState } from '../engine/journal';

/*
 * A sink that behaves like DingTalk's custom robot: `POST /dingtalk/robot/send?access_token=…&timestamp=…&sign=…`. It checks the
 * signature and the quota, answers what DingTalk answers, and keeps what it received.
 */

interface Robot {
  readonly token: string;
  readonly secret: string;
}

export interface ReceivedMessage {
  readonly robot: string;
  readonly receivedAt: number;
  readonly msgtype: string;
  readonly message: unknown;
}

interface Answer {
  readonly errcode: number;
  readonly errmsg: string;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PER_MINUTE = 20;
/** Who sends more than the quota is silenced this long. */
const SILENCE_MS = 10 * MINUTE_MS;
const KEPT_MESSAGES = 1000;
const MESSAGE_TYPES = ['text', 'markdown', 'link', 'actionCard', 'feedCard'];

export class DingTalkSink {
  private readonly robots = new Map<string, Robot>();
  private readonly sent = new Map<string, number[]>();
  private readonly silencedUntil = new Map<string, number>();
  private received: ReceivedMessage[] = [];
  private rejected = 0;

  constructor(
    private readonly journal: Journal,
    stored: StoredState,
    private readonly now: () => number,
  ) {
    for (const value of stored.of('robot').values()) {
      const robot = value as Robot;
      this.robots.set(robot.token, robot);
    }
  }

  create(): Robot {
    const robot = { token: randomBytes(32).toString('hex'), secret: `SEC${randomBytes(32).toString('hex')}` };
    this.robots.set(robot.token, robot);
    this.journal.touch('robot', robot.token, robot);
    return robot;
  }

  messages(): readonly ReceivedMessage[] {
    return this.received;
  }

  refusals(): number {
    return this.rejected;
  }

  clear(): void {
    this.received = [];
    this.rejected = 0;
    this.sent.clear();
    this.silencedUntil.clear();
  }

  /** Takes one message. The HTTP status is always 200; the body says what happened. */
  send(query: URLSearchParams, body: string): Answer {
    const answer = this.receive(query, body);
    if (answer.errcode !== 0) this.rejected += 1;
    return answer;
  }

  private receive(query: URLSearchParams, body: string): Answer {
    const robot = this.robots.get(query.get('access_token') ?? '');
    if (!robot) return { errcode: 300001, errmsg: 'token is not exist' };
    const timestamp = query.get('timestamp') ?? '';
    const now = this.now();
    if (!/^\d{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > HOUR_MS) {
      return { errcode: 310000, errmsg: `invalid timestamp, more: [${HELP}]` };
    }
    if (!sameText(query.get('sign') ?? '', dingTalkSignature(robot.secret, timestamp))) {
      return { errcode: 310000, errmsg: `sign not match, more: [${HELP}]` };
    }
    const message = parse(body);
    if (!message) return { errcode: 40035, errmsg: '缺少参数 json' };
    const msgtype = typeof message.msgtype === 'string' ? message.msgtype : '';
    if (!MESSAGE_TYPES.includes(msgtype) || typeof message[msgtype] !== 'object') {
      return { errcode: 400105, errmsg: 'msgtype is not supported' };
    }
    if (!this.within(robot.token, now)) {
      return { errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' };
    }
    this.received.push({ robot: maskToken(robot.token), receivedAt: now, msgtype, message });
    if (this.received.length > KEPT_MESSAGES) this.received = this.received.slice(-KEPT_MESSAGES);
    return { errcode: 0, errmsg: 'ok' };
  }

  private within(token: string, now: number): boolean {
    if (now < (this.silencedUntil.get(token) ?? 0)) return false;
    const recent = (this.sent.get(token) ?? []).filter((time) => now - time < MINUTE_MS);
    if (recent.length >= PER_MINUTE) {
      this.silencedUntil.set(token, now + SILENCE_MS);
      return false;
    }
    recent.push(now);
    this.sent.set(token, recent);
    return true;
  }
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

const HELP = 'https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq';

/** Base64(HMAC-SHA256(timestamp + "\n" + secret)) with the secret as key; URL-encoded by the sender. */
export function dingTalkSignature(secret: string, timestamp: string): string {
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
}

export function maskToken(token: string): string {
  return `${token.slice(0, 4)}…${token.slice(-4)}`;
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
