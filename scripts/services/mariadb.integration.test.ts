import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { afterAll, expect, it } from 'vitest';
import { startMariaDb } from './mariadb';
import { anyFreePort } from './ports';

const folder = mkdtempSync(join(tmpdir(), 'mariadb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('keeps temporary tables in its own folder, where no other server takes them for leftovers', {
  timeout: 90_000,
}, async () => {
  const port = await anyFreePort();
  const spec = { directory: folder, port, user: 'u', password: 'p', database: 'd', relaxed: true };
  const server = await startMariaDb(spec);
  try {
    const connection = await createConnection({ host: '127.0.0.1', port, user: 'u', password: 'p' });
    const rows = (await connection.query('SELECT @@tmpdir AS folder')) as { folder: string }[];
    await connection.end();
    expect(rows[0]?.folder).toBe(join(folder, 'tmp'));
  } finally {
    await server.stop();
  }
});
