import type { z } from 'zod';
import { AppError } from '@/contracts/envelope';

const BODY_LIMIT = 64 * 1024;

/** Parses one part of a request; the first wrong field is named, all are in `details`. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const base = issue.path.map(String);
    // zod names the object, not the key, where a strict object meets a key that it does not know.
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...base, key]) : [base];
    return paths.map((path) => ({
      // A key without a name is still one that can be pointed at; no path at all is the whole input.
      field: path.map((key) => key || '""').join('.'),
      message: issue.code === 'unrecognized_keys' ? 'is not a known field' : issue.message,
    }));
  });
  const first = problems[0] ?? { field: '', message: 'The request is not valid' };
  throw new AppError('VALIDATION_ERROR', first.field === '' ? first.message : `${first.field}: ${first.message}`, {
    ...(first.field === '' ? {} : { field: first.field }),
    details: problems,
  });
}

/** Query parameters as an object; a parameter given twice is an error. */
export function readQuery(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    if (Object.hasOwn(query, key)) throw new AppError('VALIDATION_ERROR', `${key}: is given twice`, { field: key });
    if (value !== '') query[key] = value;
  }
  return query;
}

/** The JSON body, at most 64 KiB. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\b/i.test(type)) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json');
  }
  const text = await readText(request, BODY_LIMIT);
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('VALIDATION_ERROR', 'The body is not valid JSON');
  }
}

async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', `The body must not be larger than ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  const reader = request.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks).toString('utf8');
}
