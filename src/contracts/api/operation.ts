import type { z } from 'zod';

export const USER_ROLES = ['admin', 'operator', 'customer'] as const;
export type UserRole = (typeof USER_ROLES)[number];

/** Who may call an operation. A customer only ever reaches his own rows, whatever the operation. */
export const ADMINS: readonly UserRole[] = ['admin'];
export const STAFF: readonly UserRole[] = ['admin', 'operator'];
export const CUSTOMERS: readonly UserRole[] = ['customer'];
export const EVERYONE: readonly UserRole[] = ['admin', 'operator', 'customer'];

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** One call of the API, described once: the route enforces it, the OpenAPI document and the pages' client read it. */
export type Operation<
  Auth extends readonly UserRole[] | 'public' = readonly UserRole[] | 'public',
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> = {
  readonly method: HttpMethod;
  /** Below /api/v1, with parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly auth: Auth;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly response: Response;
  /** Status of success; 200 unless said otherwise. */
  readonly status?: number;
  /** Calls a minute that one actor may make of this operation alone; the general limit holds besides. */
  readonly callsPerMinute?: number;
};

/** Keeps the exact types of an operation's schemas. */
export function operation<
  Auth extends readonly UserRole[] | 'public',
  Response extends z.ZodType,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(definition: Operation<Auth, Params, Query, Body, Response>): Operation<Auth, Params, Query, Body, Response> {
  return definition;
}
