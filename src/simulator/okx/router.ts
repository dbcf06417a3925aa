import type { Account } from '../engine/model';
import type { Reply } from './envelope';
import { VenueError } from './errors';
import type { Request } from './order-requests';
import { type Limit, TWO_SECONDS } from './rate-limits';
import type { OkxVenue } from './venue';

/** One REST request on its way to a handler. */
export interface Call {
  readonly venue: OkxVenue;
  readonly query: URLSearchParams;
  /** Parsed JSON of a POST: an object or an array. */
  readonly body: unknown;
  readonly receivedAt: number;
  readonly inTime: string;
  readonly expTime: number | undefined;
  readonly remoteIp: string;
}

export interface PrivateCall extends Call {
  readonly account: Account;
}

interface RouteLimit extends Limit {
  /** The name the count is kept under: operations that share a limit share the name. */
  readonly name: string;
  readonly perInstrument: boolean;
}

interface RouteBase {
  readonly limit: RouteLimit | undefined;
}

export type Route =
  | (RouteBase & { readonly access: 'public'; readonly handle: (call: Call) => Reply })
  | (RouteBase & { readonly access: 'read' | 'trade'; readonly handle: (call: PrivateCall) => Reply });

export class Router {
  private readonly routes = new Map<string, Route>();
  private readonly paths = new Set<string>();

  private add(method: string, path: string, route: Route): void {
    this.routes.set(`${method} /api/v5/${path}`, route);
    this.paths.add(`/api/v5/${path}`);
  }

  /** A public GET; `max` requests per two seconds per address. */
  open(path: string, max: number, handle: (call: Call) => Reply): void {
    this.add('GET', path, { access: 'public', limit: limitOf(path, max, false), handle });
  }

  /** A signed GET. */
  read(path: string, max: number, handle: (call: PrivateCall) => Reply, perInstrument = false): void {
    this.add('GET', path, { access: 'read', limit: limitOf(`GET ${path}`, max, perInstrument), handle });
  }

  /** A signed POST that needs the trade permission. A `max` of 0: the handler counts for itself. */
  write(path: string, max: number, handle: (call: PrivateCall) => Reply): void {
    this.add('POST', path, { access: 'trade', limit: max === 0 ? undefined : limitOf(path, max, false), handle });
  }

  find(method: string, path: string): Route | 'wrong-method' | undefined {
    const found = this.routes.get(`${method} ${path}`);
    if (found) return found;
    return this.paths.has(path) ? 'wrong-method' : undefined;
  }
}

function limitOf(name: string, max: number, perInstrument: boolean): RouteLimit {
  return { name, max, windowMs: TWO_SECONDS, perInstrument };
}

/** Counts a request against its route's limit. Throws 50011. */
export function countRequest(call: Call, route: Route, who: string): void {
  const { limit } = route;
  if (!limit) return;
  const key = limit.perInstrument ? `${who}|${limit.name}|${call.query.get('instId') ?? ''}` : `${who}|${limit.name}`;
  if (!call.venue.limits.take(key, limit)) throw new VenueError('50011');
}

/** The body of a POST that takes one object. */
export function objectBody(call: Call): Request {
  if (typeof call.body !== 'object' || call.body === null || Array.isArray(call.body)) throw new VenueError('50002');
  return call.body as Request;
}

/** The body of a POST that takes a list of objects. */
export function listBody(call: Call, max: number, tooMany: '51111' | '51501'): readonly Request[] {
  const list = Array.isArray(call.body) ? call.body : undefined;
  if (!list) throw new VenueError('50002');
  if (list.length === 0) throw new VenueError('50014', 'orders');
  if (list.length > max) throw new VenueError(tooMany);
  return list.filter((entry): entry is Request => typeof entry === 'object' && entry !== null);
}

/** A whole number from the query, within bounds. */
export function queryInteger(call: Call, name: string, fallback: number, max: number): number {
  const text = call.query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new VenueError('51000', name);
  return Math.min(value, max);
}

export function queryTime(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new VenueError('51000', name);
  return value;
}

/** Pages newest-first rows by id, OKX's way: `after` gives older rows, `before` newer ones. */
export function pageById<T>(call: Call, rows: readonly T[], idOf: (row: T) => string, max = 100): T[] {
  const after = call.query.get('after');
  const before = call.query.get('before');
  const limit = queryInteger(call, 'limit', max, max);
  const page: T[] = [];
  for (const row of rows) {
    const id = idOf(row);
    if (after && compareIds(id, after) >= 0) continue;
    if (before && compareIds(id, before) <= 0) continue;
    page.push(row);
    if (page.length >= limit) break;
  }
  return page;
}

function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
