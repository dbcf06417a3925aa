import pino from 'pino';
import { sign } from './okx/auth';
import type { Simulator } from './simulator';

/* What this folder's tests share. */

export const quiet = pino({ level: 'silent' });

export interface Keys {
  readonly account: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}

/** POSTs to the control API (GETs where there is no body) and returns the parsed answer. Throws on a status of 400 and more. */
export async function control<T>(simulator: Simulator, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${simulator.control}/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const parsed: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(parsed)}`);
  return parsed as T;
}

export interface Answer<T = Record<string, string>> {
  readonly status: number;
  readonly code: string;
  readonly msg: string;
  readonly data: T[];
  readonly inTime?: string;
  readonly outTime?: string;
}

export interface SignedOptions {
  readonly timestamp?: string;
  readonly headers?: Record<string, string>;
}

/** A hand-signed request, for what the published clients hide: statuses, headers and envelopes. */
export async function signed<T = Record<string, string>>(
  simulator: Simulator,
  keys: Keys,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  options: SignedOptions = {},
): Promise<Answer<T>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const timestamp = options.timestamp ?? new Date().toISOString();
  const fullPath = `/api/v5/${path}`;
  const response = await fetch(`${simulator.rest}${fullPath}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'OK-ACCESS-KEY': keys.apiKey,
      'OK-ACCESS-SIGN': sign(keys.secret, timestamp, method, fullPath, text),
      'OK-ACCESS-TIMESTAMP': timestamp,
      'OK-ACCESS-PASSPHRASE': keys.passphrase,
      ...options.headers,
    },
    body: body === undefined ? undefined : text,
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer<T>, 'status'>) };
}

/** Waits until a condition holds; fails after `timeoutMs`. */
export async function waitFor(condition: () => boolean, timeoutMs = 8000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not true within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
