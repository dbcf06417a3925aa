import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoSeed } from '@/processes/seed-demo';
import type { Addresses } from './environment';

/** What scripts need to drive a running demo. */
export interface RunFile {
  web: string;
  /** Of an admin. */
  apiToken: string;
  logins: { role: string; email: string; password: string }[];
  /** `example` is a body with {{id}} and {{timestamp}} to fill in. */
  webhooks: { strategy: string; format: string; url: string; example: string }[];
  simulator: { rest: string; ws: string; control: string };
  database: string;
  redis: string;
}

/** Writes `run.json`, readable by its owner only, because it opens everything. */
export function writeRunFile(
  directory: string,
  input: { addresses: Addresses; seed: DemoSeed; databaseUrl: string; redisUrl: string },
): RunFile {
  const { addresses, seed } = input;
  const run: RunFile = {
    web: addresses.web,
    apiToken: seed.apiToken,
    logins: seed.logins.map(({ role, email, password }) => ({ role, email, password })),
    webhooks: seed.webhooks.map(({ strategy, format, path, example }) => ({
      strategy,
      format,
      url: new URL(path, addresses.web).href,
      example,
    })),
    simulator: { rest: addresses.rest, ws: addresses.ws, control: addresses.control },
    database: input.databaseUrl,
    redis: input.redisUrl,
  };
  const file = join(directory, 'run.json');
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return run;
}
