import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Cipher } from '@/platform/cipher';
import { createTenant } from '@/services/identity/create-tenant';
import { openDatabase } from './open-database';

const USAGE = `npm run tenant -- --name "Example Fund" --email admin@example.com

Makes a tenant and its first admin, and prints the password once. Uses DATABASE_URL and SLIPSTREAM_MASTER_KEY where they are
set, else the service that "npm start" runs in this folder.`;

const { values } = parseArgs({ options: { name: { type: 'string' }, email: { type: 'string' } } });
if (!values.name || !/^\S+@\S+\.\S+$/.test(values.email ?? '')) {
  console.log(USAGE);
  process.exit(1);
}

const directory = resolve(process.env.SLIPSTREAM_DATA_DIR || '.data');
const database = await openDatabase(process.env.DATABASE_URL || fromFile('run.json', 'database'));
try {
  const cipher = new Cipher(process.env.SLIPSTREAM_MASTER_KEY || fromFile('secrets.json', 'masterKey'));
  const password = randomBytes(12).toString('base64url');
  await createTenant({ database, cipher }, { name: values.name, email: values.email ?? '', password });
  console.log(`admin  ${values.email}  ${password}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await database.close();
}

/** A value of the running service's own files. */
function fromFile(name: string, key: string): string {
  const file = join(directory, name);
  if (!existsSync(file)) {
    console.error(`${USAGE}\n\nNeither is set, and no service runs here (${file} is missing).`);
    process.exit(1);
  }
  const value: unknown = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : '';
}
