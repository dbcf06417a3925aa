import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folders whose code changes the world only through ports that the effect plane stands behind. */
const FOLDERS = ['copying', 'execution', 'reconciliation', 'safety', 'pricing'];
/** Packages and built-ins with which one could reach the world past the ports. */
const DIRECT =
  /from '(?:undici|mariadb|ioredis|bull|ws|socket\.io|okx-api|ccxt|axios|(?:node:)?(?:http|https|http2|net|tls|dgram|fs|fs\/promises|child_process))'|\bfetch\(/;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });
}

describe('effects of the worker', () => {
  const files = FOLDERS.flatMap((folder) => sources(join('src', 'services', folder)));

  it('pass through ports: its code reaches neither network nor disk by itself', () => {
    expect(files.length).toBeGreaterThan(20);
    // Types of a client may be named; a value of one may not be made.
    const made = files.filter((file) => DIRECT.test(readFileSync(file, 'utf8').replace(/^import type .*$/gm, '')));
    expect(made).toEqual([]);
  });
});
