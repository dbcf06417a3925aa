import { repeatedField } from './repeated-field';
import type { FormatFailure } from './types';

export type BodyResult = { readonly ok: true; readonly body: unknown } | FormatFailure;

/** A string, or a number outside strings, of text that is known to be valid JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** TradingView fills these in; one that arrives unfilled means the alert was set up wrong. */
const PLACEHOLDER = /\{\{([^{}]{0,80})\}\}/;

const MAX_DEPTH = 6;

function failure(code: FormatFailure['code'], message: string, field = 'body'): FormatFailure {
  return { ok: false, code, message, field };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Path of the first value that still has a placeholder, or that is nested too deep to be a signal. */
function findFlaw(value: unknown, path: string, depth: number): FormatFailure | null {
  if (typeof value === 'string') {
    const placeholder = PLACEHOLDER.exec(value);
    return placeholder === null
      ? null
      : failure(
          'VALIDATION_ERROR',
          `The placeholder {{${placeholder[1]?.trim()}}} was not filled in by the sender.`,
          path,
        );
  }
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= MAX_DEPTH) return failure('VALIDATION_ERROR', 'The body is nested too deep to be a signal.', 'body');
  for (const [key, child] of Object.entries(value)) {
    const name = key.slice(0, 60) || '""';
    const flaw = findFlaw(child, path === 'body' ? name : `${path}.${name}`, depth + 1);
    if (flaw !== null) return flaw;
  }
  return null;
}

/**
 * Reads a webhook's body as JSON, whatever its content type says: TradingView sends JSON as text/plain too.
 *
 * Numbers are kept as the **literal text** the sender wrote ("0.10000000000000000001" stays that), since JSON.parse would
 * make floats of them.
 */
export function readBody(rawBody: string): BodyResult {
  const text = rawBody.replace(/^\uFEFF/, '').trim();
  if (text === '') return failure('UNKNOWN_FORMAT', 'The body is empty.');
  let body: unknown;
  try {
    JSON.parse(text);
    body = JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  } catch {
    const looksLikeJson = text.startsWith('{') || text.startsWith('[');
    return looksLikeJson
      ? failure(
          'VALIDATION_ERROR',
          'The body starts like JSON but is not valid JSON: look for a missing quote or comma.',
        )
      : failure('UNKNOWN_FORMAT', 'The body is not JSON; plain-text signals are not accepted.');
  }
  if (Array.isArray(body)) return failure('UNKNOWN_FORMAT', 'The body is a list; send one signal a request.');
  if (!isObject(body)) return failure('UNKNOWN_FORMAT', 'The body is not a JSON object.');
  const repeated = repeatedField(text);
  if (repeated !== null) {
    return failure(
      'DUPLICATE_FIELD',
      'The field stands twice in the body: which of the two is meant is not for us to guess.',
      repeated,
    );
  }
  return findFlaw(body, 'body', 0) ?? { ok: true, body };
}
