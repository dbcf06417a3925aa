import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { expect, it } from 'vitest';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import { applyMigrations } from '@/platform/database/migrations';
import { createEmptyTestDatabase } from '@/testing/services';

const MIGRATIONS = join(process.cwd(), 'prisma/migrations');
const CHANGE = '_usd_means_usdt';

it('a source from before the setting keeps taking USD for USDT, and a new one does not', async () => {
  const database = await createEmptyTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'usd-means-usdt-'));
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{14}_/.test(name)).sort();
  const change = names.findIndex((name) => name.endsWith(CHANGE));
  const apply = async (some: readonly string[]): Promise<void> => {
    for (const name of some) await cp(join(MIGRATIONS, name), join(directory, name), { recursive: true });
    await applyMigrations({ url: database.url, directory });
  };
  await apply(names.slice(0, change));
  const connection = await createConnection(parseDatabaseUrl(database.url).connection);
  try {
    // The tenant of these rows is of no matter.
    await connection.query('SET FOREIGN_KEY_CHECKS = 0');
    const add = (id: string) =>
      connection.query(
        `INSERT INTO SignalSource (id, tenantId, name, venue, tokenHash, tokenSealed, updatedAt) VALUES (?, 't', ?, 'okx', ?, 's', NOW(3))`,
        [id, id, id],
      );
    await add('old');
    await apply(names.slice(change));
    await add('new');
    const rows: { id: string; usdMeansUsdt: number }[] = await connection.query(
      'SELECT TRIM(id) AS id, CAST(usdMeansUsdt AS UNSIGNED) AS usdMeansUsdt FROM SignalSource ORDER BY id DESC',
    );
    expect(rows.map(({ id, usdMeansUsdt }) => `${id} ${usdMeansUsdt}`)).toEqual(['old 1', 'new 0']);
  } finally {
    await connection.end();
    await rm(directory, { recursive: true });
    await database.drop();
  }
});
