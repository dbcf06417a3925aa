import type { Envelope } from '@/contracts/envelope';

/** An answer that was not success: its code, the sentence of the API, and the request's id for support. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null,
    readonly requestId: string | null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

let language = 'en';
/** The language in which the API words its sentences. */
export function speak(locale: string): void {
  language = locale;
}

/** "/trades" + filters → the address of a request; empty filters are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call of the API; `data` of the envelope, or an ApiError. `T` is the contract's type of the answer. */
export async function call<T>(
  method: Method,
  path: string,
  options: { query?: Query; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        'accept-language': language,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiError(0, 'OFFLINE', 'The server cannot be reached.', null, null);
  }
  const requestId = response.headers.get('x-request-id');
  const answer = (await response.json().catch(() => null)) as Envelope<T> | null;
  if (answer === null) throw new ApiError(response.status, 'NO_ANSWER', response.statusText, null, requestId);
  if (answer.success) return answer.data;
  const { code, message, field } = answer.error;
  throw new ApiError(response.status, code, message, field ?? null, requestId);
}
