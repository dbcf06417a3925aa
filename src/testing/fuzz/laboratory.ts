import { failureSchema } from '@/contracts/envelope';
import { createLogger } from '@/platform/log';
import type { WebContext } from '@/services/web-context';
import { setWebServices } from '@/services/web-services';
import { type ApiHarness, createApiHarness } from '../api/harness';

export type Laboratory = {
  readonly harness: ApiHarness;
  /** Call before every case: new rate limits, so that they never stop the fuzzing, and no error seen yet. */
  next(): void;
  /** The defect behind the last 5xx, for the report of a failure. */
  lastError(): unknown;
};

/** The API's harness, which tells what went wrong inside and whose rate limits begin anew with every case. */
export async function openLaboratory(): Promise<Laboratory> {
  const harness = await createApiHarness();
  let seen: unknown = null;
  const note = (fields: unknown) => {
    seen = (fields as { err?: unknown }).err ?? fields;
  };
  const logger = Object.assign(createLogger('fuzz', 'silent'), { error: note, warn: note });
  const { REDIS_PREFIX: prefix } = harness.context.environment;
  let turn = 0;
  return {
    harness,
    next() {
      seen = null;
      turn += 1;
      const environment = { ...harness.context.environment, REDIS_PREFIX: `${prefix}-${turn}` };
      const context: WebContext = { ...harness.context, logger, environment };
      setWebServices(context);
    },
    lastError: () => seen,
  };
}

/** Throws where a refusal is not what every refusal must be. */
export function requireRefusal(status: number, json: unknown, cause: unknown): { code: string; field?: string } {
  if (status >= 500 || status < 400 || status === 429) {
    throw new Error(`answered ${status} ${JSON.stringify(json)}`, { cause });
  }
  const { error } = failureSchema.parse(json);
  if (!/^[A-Z_]{4,}$/.test(error.code)) throw new Error(`has no code: ${JSON.stringify(error)}`);
  if (error.message.trim().length < 5) throw new Error(`has no message: ${JSON.stringify(error)}`);
  if (error.field === '') throw new Error(`names a field without a name: ${JSON.stringify(error)}`);
  return error;
}
