import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Secrets {
  /** Signs the log-in cookies. */
  nextAuthSecret: string;
  /** 32 bytes in base64: wraps every tenant's data key. Lost, the customers' exchange keys can't be read any more. */
  masterKey: string;
  databasePassword: string;
  redisPassword: string;
}

/** Made once per data folder, readable by its owner only. A secret from the environment takes precedence. */
export function loadSecrets(directory: string, env: NodeJS.ProcessEnv = process.env): Secrets {
  const file = join(directory, 'secrets.json');
  const kept: Partial<Secrets> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {};
  const secrets: Secrets = {
    nextAuthSecret: kept.nextAuthSecret ?? randomBytes(32).toString('base64url'),
    masterKey: kept.masterKey ?? randomBytes(32).toString('base64'),
    databasePassword: kept.databasePassword ?? randomBytes(18).toString('hex'),
    redisPassword: kept.redisPassword ?? randomBytes(18).toString('hex'),
  };
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return {
    ...secrets,
    nextAuthSecret: env.NEXTAUTH_SECRET || secrets.nextAuthSecret,
    masterKey: env.SLIPSTREAM_MASTER_KEY || secrets.masterKey,
  };
}
