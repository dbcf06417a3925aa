import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createConnection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, type TestCertificates } from '@/testing/services';
import { type MariaDb, startMariaDb } from '../../../scripts/services/mariadb';
import { anyFreePort } from '../../../scripts/services/ports';
import { connectDatabase, Prisma } from './database';
import { parseDatabaseUrl } from './database-url';
import { applyMigrations } from './migrations';
import { createNamedLock } from './named-lock';
import { requireDatabase } from './require-database';

const folder = mkdtempSync(join(tmpdir(), 'database-tls-'));
let files: TestCertificates;
let server: MariaDb;

beforeAll(async () => {
  files = makeCertificates(join(folder, 'certificates'));
  server = await startMariaDb({
    directory: join(folder, 'secure'),
    port: await anyFreePort(),
    user: 'tests',
    password: 'a password',
    database: 'tests',
    mayCreateDatabases: true,
    relaxed: true,
    tls: { ca: files.ca, ...files.server },
  });
}, 90_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const address = (parameters: Record<string, string>, url = server.url): string =>
  `${url}?${new URLSearchParams(parameters)}`;
const strict = () => address({ sslaccept: 'strict', sslcert: files.ca });

/** The cipher of a connection of each kind that the product opens; empty where it talks in clear. */
async function ciphers(url: string): Promise<string[]> {
  const ask = Prisma.sql`SHOW SESSION STATUS LIKE 'Ssl_cipher'`;
  const database = connectDatabase(url, 1);
  try {
    const rows = [
      ...(await database.system.$queryRaw<{ Value: string }[]>(ask)),
      ...(await database.statements.$queryRaw<{ Value: string }[]>(ask)),
    ];
    return rows.map((row) => row.Value);
  } finally {
    await database.close();
  }
}

describe('a database that refuses clear connections', () => {
  it('is migrated, read and locked over TLS when its authority is named', async () => {
    const url = strict();
    await requireDatabase(url);
    const { applied } = await applyMigrations({ url, directory: resolve('prisma/migrations') });
    expect(applied.length).toBeGreaterThan(0);
    expect(await ciphers(url)).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
    const lock = createNamedLock(url, 'work');
    expect(await lock.hold()).toBe(true);
    await lock.release();
  });

  it.each([
    ['ssl', () => ({ ssl: 'true', 'ssl-ca': files.ca })],
    ['ssl-mode', () => ({ 'ssl-mode': 'VERIFY_IDENTITY', 'ssl-ca': files.ca })],
    ['another name of the host', () => ({ sslcert: files.ca, servername: 'db.example' })],
    ['any name of the host', () => ({ 'ssl-mode': 'verify_ca', sslcert: files.ca, servername: 'else.example' })],
    ['a certificate that is not looked at', () => ({ sslaccept: 'accept_invalid_certs' })],
    ['a certificate that is not looked at, in the words of MySQL', () => ({ 'ssl-mode': 'required' })],
  ])('takes %s', async (_name, parameters) => {
    await requireDatabase(address(parameters()));
    for (const cipher of await ciphers(address(parameters()))) expect(cipher).not.toBe('');
  });

  it.each([
    // MySQL says that it wants TLS; MariaDB up to 10.11 says that access is denied.
    ['in clear', () => server.url, 'TLS'],
    ['with the certificates of the system', () => address({ sslaccept: 'strict' }), 'Name its authority'],
    ['with another authority', () => address({ sslcert: files.otherCa }), 'Name its authority'],
    ['under another name', () => address({ sslcert: files.ca, servername: 'else.example' }), 'else.example'],
  ])('says what to do when we come %s', async (_name, url, advice) => {
    await expect(requireDatabase(url())).rejects.toThrow(advice);
    await expect(applyMigrations({ url: url(), directory: resolve('prisma/migrations') })).rejects.toThrow(advice);
    const lock = createNamedLock(url(), 'work');
    expect(await lock.hold()).toBe(false);
    await lock.release();
    // A short wait for a connection: none will come.
    const waiting = new URL(url());
    waiting.searchParams.set('pool_timeout', '1');
    await expect(ciphers(waiting.href)).rejects.toThrow();
  });

  it('takes the certificate of a client, from either kind of file', async () => {
    const { cert, key, pfx, pfxPassword } = files.client;
    const admin = await createConnection(parseDatabaseUrl(strict()).connection);
    await admin.query('ALTER USER CURRENT_USER() REQUIRE X509');
    try {
      await expect(requireDatabase(strict())).rejects.toThrow('must come by TLS or with a certificate');
      await requireDatabase(address({ sslcert: files.ca, 'ssl-cert': cert, 'ssl-key': key }));
      const packed = address({ sslcert: files.ca, sslidentity: pfx, sslpassword: pfxPassword });
      for (const cipher of await ciphers(packed)) expect(cipher).not.toBe('');
    } finally {
      await admin.query('ALTER USER CURRENT_USER() REQUIRE NONE');
      await admin.end();
    }
  });
});

it('refuses a database without TLS when TLS is asked for', { timeout: 90_000 }, async () => {
  const plain = await startMariaDb({
    directory: join(folder, 'plain'),
    port: await anyFreePort(),
    user: 'tests',
    password: 'a password',
    database: 'tests',
    relaxed: true,
    tls: 'none',
  });
  try {
    await requireDatabase(plain.url);
    for (const sslaccept of ['strict', 'accept_invalid_certs']) {
      const url = address({ sslaccept, pool_timeout: '1' }, plain.url);
      await expect(requireDatabase(url)).rejects.toThrow('asks for TLS, which this server does not have');
      await expect(ciphers(url)).rejects.toThrow();
    }
  } finally {
    await plain.stop();
  }
});

it('leaves a database that is away to those who wait for it', async () => {
  await requireDatabase(`mysql://u:p@127.0.0.1:${await anyFreePort()}/none?sslaccept=strict`);
});
