import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AccountStore } from '../engine/accounts';
import type { Account } from '../engine/model';
import { VenueError } from './errors';

const MAX_SKEW_MS = 30_000;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Base64(HMAC-SHA256(timestamp + METHOD + path with query + body)), the signature of OKX v5. */
export function sign(secret: string, timestamp: string, method: string, path: string, body: string): string {
  return createHmac('sha256', secret)
    .update(timestamp + method + path + body)
    .digest('base64');
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export interface SignedRequest {
  readonly apiKey: string | undefined;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  readonly passphrase: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly remoteIp: string;
}

/** Checks a signed REST request in OKX's order of complaints. Throws VenueError 50102–50113. */
export function authenticate(accounts: AccountStore, request: SignedRequest, now: number): Account {
  const { apiKey, signature, timestamp, passphrase } = request;
  if (!apiKey) throw new VenueError('50103');
  if (!signature) throw new VenueError('50106');
  if (!timestamp) throw new VenueError('50107');
  if (!passphrase) throw new VenueError('50104');
  const time = ISO_TIME.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(time)) throw new VenueError('50112');
  if (Math.abs(now - time) > MAX_SKEW_MS) throw new VenueError('50102');
  const account = accounts.byApiKey.get(apiKey);
  if (!account) throw new VenueError('50111');
  if (!sameText(passphrase, account.passphrase)) throw new VenueError('50105');
  const expected = sign(account.secret, timestamp, request.method, request.path, request.body);
  if (!sameText(signature, expected)) throw new VenueError('50113');
  checkAddress(account, request.remoteIp);
  return account;
}

/** A key bound to addresses works from them alone. IPv4 in IPv6 form counts as IPv4. */
export function checkAddress(account: Account, remoteIp: string): void {
  if (account.ip === '') return;
  const plain = remoteIp.replace(/^::ffff:/, '');
  const bound = account.ip.split(',').map((address) => address.trim());
  if (!bound.includes(plain)) throw new VenueError('50110', plain);
}

export function permits(account: Account, permission: 'read_only' | 'trade'): boolean {
  return account.perm.split(',').some((granted) => granted.trim() === permission);
}

export interface LoginArgs {
  readonly apiKey?: unknown;
  readonly passphrase?: unknown;
  readonly timestamp?: unknown;
  readonly sign?: unknown;
}

/** Checks one entry of a WebSocket login. Throws VenueError 60004, 60006 or 60009. */
export function authenticateLogin(accounts: AccountStore, args: LoginArgs, now: number, remoteIp: string): Account {
  const { apiKey, passphrase, timestamp, sign: signature } = args;
  const seconds = typeof timestamp === 'string' || typeof timestamp === 'number' ? Number(timestamp) : Number.NaN;
  if (!Number.isFinite(seconds) || seconds <= 0) throw new VenueError('60004');
  if (Math.abs(now - seconds * 1000) > MAX_SKEW_MS) throw new VenueError('60006');
  const account = typeof apiKey === 'string' ? accounts.byApiKey.get(apiKey) : undefined;
  if (!account || typeof passphrase !== 'string' || typeof signature !== 'string') throw new VenueError('60009');
  const expected = sign(account.secret, String(timestamp), 'GET', '/users/self/verify', '');
  if (!sameText(passphrase, account.passphrase) || !sameText(signature, expected)) throw new VenueError('60009');
  checkAddress(account, remoteIp);
  return account;
}
