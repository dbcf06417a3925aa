import type { z } from 'zod';
import { HTTP_METHODS, type HttpMethod, type Operation, type UserRole } from '@/contracts/api/operation';
import { AppError, type Success } from '@/contracts/envelope';
import { newId } from '@/platform/ids';
import { type Actor, actorName, requireRole } from '@/services/identity/actor';
import { authenticate } from '@/services/identity/authenticate';
import type { WebContext } from '@/services/web-context';
import { webServices } from '@/services/web-services';
import { expectedFailure, failureResponse } from './failure';
import { parseInput, readJson, readQuery } from './input';
import { countCall } from './rate-limit';
import { requireSameOrigin } from './same-origin';

/** What Next passes to a route handler. */
export type RouteContext = { params: Promise<Record<string, string | string[] | undefined>> };
export type RouteHandler = (request: Request, route: RouteContext) => Promise<Response>;

export type Locale = 'zh' | 'en';

type OutputOf<S> = NonNullable<S> extends z.ZodType ? z.output<NonNullable<S>> : undefined;

/** Everything that a handler gets: checked, and nothing of HTTP unless it asks. */
export type Call<O extends Operation> = {
  readonly context: WebContext;
  readonly actor: O['auth'] extends 'public' ? null : Actor;
  readonly params: OutputOf<O['params']>;
  readonly query: OutputOf<O['query']>;
  readonly body: OutputOf<O['body']>;
  readonly locale: Locale;
  readonly request: Request;
};

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * A route handler of one operation. Owns the request id, authentication, the check of roles and origin, the rate limit,
 * the parsing of all input and the envelope; `handle` calls one use case. It may answer a Response of its own (CSV).
 */
export function endpoint<O extends Operation>(
  operation: O,
  handle: (call: Call<O>) => Promise<z.input<O['response']> | Response>,
): RouteHandler {
  return async (request, route) => {
    const given = request.headers.get('x-request-id');
    const requestId = given !== null && REQUEST_ID.test(given) ? given : newId();
    let context: WebContext | null = null;
    try {
      context = webServices();
      const actor = await admit(context, operation, request);
      const params = operation.params && parsePath(operation.params, await route.params);
      const query = operation.query && parseInput(operation.query, readQuery(new URL(request.url)));
      const body = operation.body && parseInput(operation.body, await readJson(request));
      const call = { context, actor, params, query, body, locale: readLocale(request), request } as Call<O>;
      const answer = await handle(call);
      if (answer instanceof Response) {
        answer.headers.set('X-Request-Id', requestId);
        return answer;
      }
      const success: Success<unknown> = { success: true, data: answer };
      return Response.json(success, {
        status: operation.status ?? 200,
        headers: { 'X-Request-Id': requestId, 'Cache-Control': 'no-store' },
      });
    } catch (error) {
      const expected = expectedFailure(error);
      if (expected !== null) {
        if (expected.status >= 500) {
          context?.logger.warn({ requestId, path: operation.path, reason: String(error) }, 'request failed');
        }
        return failureResponse(expected, requestId);
      }
      context?.logger.error({ requestId, path: operation.path, err: error }, 'request failed unexpectedly');
      return failureResponse(
        new AppError('INTERNAL', 'Something went wrong on our side; the request id tells us where'),
        requestId,
      );
    }
  };
}

/** The handlers of one route file: every method that is not among them answers 405 in the envelope. */
export function route(handlers: Partial<Record<HttpMethod, RouteHandler>>): Record<HttpMethod, RouteHandler> {
  const allowed = HTTP_METHODS.filter((method) => handlers[method] !== undefined).join(', ');
  const refuse: RouteHandler = async (request) =>
    failureResponse(
      new AppError('METHOD_NOT_ALLOWED', `${request.method} is not allowed here; allowed: ${allowed}`),
      newId(),
      { Allow: allowed },
    );
  return { GET: refuse, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse, ...handlers };
}

async function admit(context: WebContext, operation: Operation, request: Request): Promise<Actor | null> {
  if (operation.auth === 'public') return null;
  const found = await authenticate(context, request.headers);
  if (found === null) throw new AppError('UNAUTHENTICATED', 'Log in, or send a valid token as "Authorization: Bearer"');
  const { actor, via } = found;
  if (via === 'session') requireSameOrigin(request, context.environment.NEXTAUTH_URL);
  await countCall(
    context,
    actorName(actor),
    operation.callsPerMinute === undefined
      ? null
      : { name: `${operation.method} ${operation.path}`, limit: operation.callsPerMinute },
  );
  requireRole(actor, operation.auth as readonly UserRole[]);
  return actor;
}

/** A path that is not an id names nothing: NOT_FOUND, as for an id that nobody has. */
function parsePath<S extends z.ZodType>(schema: S, params: unknown): z.output<S> {
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new AppError('NOT_FOUND', 'There is nothing at this address');
  return parsed.data;
}

function readLocale(request: Request): Locale {
  return /^\s*zh\b/i.test(request.headers.get('accept-language') ?? '') ? 'zh' : 'en';
}
