import type { z } from 'zod';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

export function fail(status: number, code: string, message: string, details?: unknown): ControlAnswer {
  return { status, body: { success: false, error: { code, message, details } } };
}

function invalid(error: z.ZodError): ControlAnswer {
  const issues = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return fail(400, 'VALIDATION_ERROR', 'The body is not what this path takes', issues);
}

/** Checks a body against a command's schema and runs it. */
export function withBody<T>(schema: z.ZodType<T>, body: string, run: (value: T) => ControlAnswer): ControlAnswer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body === '' ? '{}' : body);
  } catch {
    return fail(400, 'VALIDATION_ERROR', 'The body is not JSON');
  }
  const checked = schema.safeParse(parsed);
  return checked.success ? run(checked.data) : invalid(checked.error);
}
