import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './log';

/** One thing that the process needs. Rejects, or answers a short reason, when it is not well; answers null when it is. */
export type HealthCheck = () => Promise<string | null>;

export type HealthReport = {
  readonly healthy: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly ms: number; readonly reason?: string }>>;
};

const CHECK_TIMEOUT_MS = 2000;

/** Runs all checks at once; one that takes longer than two seconds counts as failed. Never rejects. */
export async function runHealthChecks(checks: Readonly<Record<string, HealthCheck>>): Promise<HealthReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const startedAt = performance.now();
      const reason = await withTimeout(check).catch((error: Error) => error.message);
      const ms = Math.round(performance.now() - startedAt);
      return [name, { ok: reason === null, ms, ...(reason === null ? {} : { reason }) }] as const;
    }),
  );
  return { healthy: results.every(([, result]) => result.ok), checks: Object.fromEntries(results) };
}

async function withTimeout(check: HealthCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('did not answer in time'), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers GET /health of a process without pages: 200 when every check is well, 503 otherwise, in the API's envelope.
 * Port 0 takes a free one.
 */
export async function startHealthServer(options: {
  readonly host: string;
  readonly port: number;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly logger: Logger;
  /** Answered with every report: whose process this is. */
  readonly instance?: string;
}): Promise<HealthServer> {
  const { instance } = options;
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    };
    const path = request.url?.split('?')[0];
    if (path !== '/health') {
      answer(404, { success: false, error: { code: 'NOT_FOUND', message: 'Only /health is here' } });
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(405, { success: false, error: { code: 'METHOD_NOT_ALLOWED', message: 'Only GET is allowed' } });
      return;
    }
    void runHealthChecks(options.checks).then(({ healthy, checks }) => {
      if (healthy) answer(200, { success: true, data: { status: 'ok', checks }, instance });
      else {
        const message = 'The process is not well';
        answer(503, { success: false, error: { code: 'UNAVAILABLE', message, details: { checks } }, instance });
      }
    });
  });
  server.requestTimeout = 5000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => options.logger.error({ reason: error.message }, 'health server failed'));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
