import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message that a robot took. */
export type RobotMessage = { readonly title: string; readonly text: string; readonly bytes: number };

export interface DingTalkRobot {
  /** Webhook address, with its access_token. */
  readonly url: string;
  readonly token: string;
  readonly secret: string;
  /** Taken messages, oldest first. */
  readonly messages: readonly RobotMessage[];
  /** Every request, taken or not. */
  readonly requests: number;
  /** The next request gets this instead; "hang" never answers. */
  answerNext(answer: { readonly status: number; readonly body: string } | 'hang'): void;
  close(): Promise<void>;
}

/**
 * A group robot on loopback that behaves as DingTalk publishes it, written from that description alone: it checks the
 * token, the age of the timestamp (one hour) and the signature, takes markdown up to 20,000 bytes and answers
 * { errcode, errmsg } with HTTP 200.
 */
export async function startDingTalkRobot(options: {
  readonly token: string;
  readonly secret: string;
  readonly now?: () => number;
}): Promise<DingTalkRobot> {
  const { token, secret, now = Date.now } = options;
  const messages: RobotMessage[] = [];
  const planned: ({ status: number; body: string } | 'hang')[] = [];
  let requests = 0;

  const judge = (query: URLSearchParams, body: Buffer): { errcode: number; errmsg: string } => {
    if (query.get('access_token') !== token) return { errcode: 300005, errmsg: 'token is not exist' };
    const timestamp = query.get('timestamp') ?? '';
    if (!/^\d{13}$/.test(timestamp) || Math.abs(now() - Number(timestamp)) > 3_600_000) {
      return { errcode: 310000, errmsg: 'invalid timestamp' };
    }
    const expected = createHmac('sha256', Buffer.from(secret, 'utf8'))
      .update(Buffer.from(`${timestamp}\n${secret}`, 'utf8'))
      .digest();
    const given = Buffer.from(query.get('sign') ?? '', 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return { errcode: 310000, errmsg: `sign not match, access_token=${token}` };
    }
    if (body.length > 20_000) return { errcode: 460101, errmsg: 'message too long' };
    const message = JSON.parse(body.toString('utf8')) as {
      msgtype?: string;
      markdown?: { title?: string; text?: string };
    };
    const { title, text } = message.markdown ?? {};
    if (message.msgtype !== 'markdown' || !title || !text) return { errcode: 40035, errmsg: 'missing parameter' };
    messages.push({ title, text, bytes: body.length });
    return { errcode: 0, errmsg: 'ok' };
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests += 1;
      const instead = planned.shift();
      if (instead === 'hang') return;
      const url = new URL(request.url ?? '/', 'http://robot');
      const isSend = request.method === 'POST' && url.pathname === '/robot/send';
      const { status, body } = instead ?? {
        status: isSend ? 200 : 404,
        body: isSend ? JSON.stringify(judge(url.searchParams, Buffer.concat(chunks))) : '',
      };
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/robot/send?access_token=${token}`,
    token,
    secret,
    messages,
    get requests() {
      return requests;
    },
    answerNext: (answer) => planned.push(answer),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
