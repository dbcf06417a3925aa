import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection, createConnection, type SqlError } from 'mariadb';
import { parseDatabaseUrl } from './database-url';
import { explainRefusal } from './require-database';

/**
 * Applies `prisma/migrations` the way `prisma migrate deploy` does, without Prisma's schema engine, a native program
 * that has to be downloaded from a host which is not reachable everywhere. Both keep the same history in the same table, so either
 * may be used after the other.
 */
export interface MigrationOptions {
  /** mysql://user:password@host:port/database; the database is created when it is absent. */
  url: string;
  /** Folder of `<timestamp>_<name>/migration.sql`. */
  directory: string;
  log?: (message: string) => void;
}

export interface MigrationResult {
  /** Names applied by this call, in order. */
  applied: string[];
  /** How many were there already. */
  alreadyApplied: number;
}

export const MIGRATION_ERRORS = {
  schemaNotEmpty: 'P3005',
  failedBefore: 'P3009',
  failedNow: 'P3018',
  changedOnDisk: 'MIGRATION_CHANGED',
  missingOnDisk: 'MIGRATION_MISSING',
  locked: 'MIGRATION_LOCKED',
} as const;

export type MigrationErrorCode = (typeof MIGRATION_ERRORS)[keyof typeof MIGRATION_ERRORS];

/** A history that must be looked at by a person before anything else is applied. Codes beginning with P are Prisma's. */
export class MigrationError extends Error {
  constructor(
    readonly code: MigrationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${message}`, options);
  }
}

export interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file in hex. */
  checksum: string;
}

interface HistoryRow {
  migration_name: string;
  checksum: string;
  started_at: Date;
  finished_at: Date | null;
  rolled_back_at: Date | null;
}

/** Exactly Prisma's own definition for MySQL. */
const HISTORY_TABLE = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             DATETIME(3),
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          DATETIME(3),
    started_at              DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    applied_steps_count     INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`;

const RESOLVE_HINT =
  'Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve';

/** Reads every migration of a folder, oldest first. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  names.sort();
  return Promise.all(
    names.map(async (name) => {
      const file = await readFile(join(directory, name, 'migration.sql'));
      return { name, sql: file.toString('utf8'), checksum: sha256(file) };
    }),
  );
}

/**
 * Brings the database of `url` up to date. Waits up to ten seconds for another runner, as Prisma does, and refuses to go
 * on over a migration that failed, changed or vanished (MigrationError). MySQL commits at every definition statement, so a
 * migration that fails half-way stays half-applied, and is recorded so.
 */
export async function applyMigrations(options: MigrationOptions): Promise<MigrationResult> {
  const migrations = await readMigrations(options.directory);
  await createDatabase(options.url);
  const connection = await connect(options.url, { multipleStatements: true });
  try {
    await lock(connection);
    await ensureHistory(connection);
    const history = await readHistory(connection);
    refuseFailed(history);
    const done = refuseChanged(history, migrations);
    const pending = migrations.filter((migration) => !done.has(migration.name));
    for (const migration of pending) {
      options.log?.(`Applying migration ${migration.name}`);
      await applyOne(connection, migration);
    }
    return { applied: pending.map((migration) => migration.name), alreadyApplied: done.size };
  } finally {
    // Ending the session releases the lock as well.
    await connection.end();
  }
}

async function createDatabase(url: string): Promise<void> {
  try {
    const connection = await connect(url);
    await connection.end();
    return;
  } catch (error) {
    // 1049 ER_BAD_DB_ERROR; 1044 is what a user without rights on the absent database is told.
    const code = (error as SqlError).errno;
    if (code !== 1049 && code !== 1044) throw error;
  }
  const { database } = parseDatabaseUrl(url).connection;
  const connection = await connect(url, { database: undefined });
  try {
    const name = `\`${database.replaceAll('`', '``')}\``;
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  } finally {
    await connection.end();
  }
}

async function connect(
  url: string,
  overrides: { multipleStatements?: boolean; database?: undefined } = {},
): Promise<Connection> {
  const { connection } = parseDatabaseUrl(url);
  try {
    return await createConnection({ connectTimeout: 10_000, ...connection, timezone: 'Z', ...overrides });
  } catch (error) {
    throw explainRefusal(error) ?? error;
  }
}

async function lock(connection: Connection): Promise<void> {
  const rows: { locked: bigint | number | null }[] = await connection.query(
    "SELECT GET_LOCK('prisma_migrate', 10) AS locked",
  );
  if (Number(rows[0]?.locked ?? 0) !== 1) {
    throw new MigrationError(MIGRATION_ERRORS.locked, 'Another runner has held the migration lock for ten seconds.');
  }
}

async function ensureHistory(connection: Connection): Promise<void> {
  const tables: { name: string }[] = await connection.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  if (tables.some((table) => table.name === '_prisma_migrations')) return;
  if (tables.length > 0) {
    throw new MigrationError(
      MIGRATION_ERRORS.schemaNotEmpty,
      'The database schema is not empty. Read more about how to baseline an existing production database: https://pris.ly/d/migrate-baseline',
    );
  }
  await connection.query(HISTORY_TABLE);
}

function readHistory(connection: Connection): Promise<HistoryRow[]> {
  return connection.query(
    `SELECT migration_name, checksum, started_at, finished_at, rolled_back_at
     FROM _prisma_migrations ORDER BY started_at, migration_name`,
  );
}

function refuseFailed(history: readonly HistoryRow[]): void {
  const failed = history.filter((row) => row.finished_at === null && row.rolled_back_at === null);
  if (failed.length === 0) return;
  const list = failed.map(
    (row) => `The \`${row.migration_name}\` migration started at ${row.started_at.toISOString()} failed`,
  );
  throw new MigrationError(
    MIGRATION_ERRORS.failedBefore,
    `migrate found failed migrations in the target database, new migrations will not be applied. ${RESOLVE_HINT}\n${list.join('\n')}`,
  );
}

function refuseChanged(history: readonly HistoryRow[], migrations: readonly Migration[]): Set<string> {
  const onDisk = new Map(migrations.map((migration) => [migration.name, migration]));
  const done = new Set<string>();
  for (const row of history) {
    if (row.rolled_back_at !== null) continue;
    const migration = onDisk.get(row.migration_name);
    if (!migration) {
      throw new MigrationError(
        MIGRATION_ERRORS.missingOnDisk,
        `The migration \`${row.migration_name}\` was applied to the database but is missing from the migrations folder. Is this an older release?`,
      );
    }
    if (!checksumsOf(migration).includes(row.checksum)) {
      throw new MigrationError(
        MIGRATION_ERRORS.changedOnDisk,
        `The migration \`${row.migration_name}\` was modified after it was applied.`,
      );
    }
    done.add(row.migration_name);
  }
  return done;
}

/** A checkout may have turned the line ends round; Prisma accepts either form too. */
function checksumsOf(migration: Migration): string[] {
  const unix = migration.sql.replaceAll('\r\n', '\n');
  return [migration.checksum, sha256(unix), sha256(unix.replaceAll('\n', '\r\n'))];
}

async function applyOne(connection: Connection, migration: Migration): Promise<void> {
  const id = randomUUID();
  await connection.query(
    'INSERT INTO _prisma_migrations (id, checksum, started_at, migration_name) VALUES (?, ?, UTC_TIMESTAMP(3), ?)',
    [id, migration.checksum, migration.name],
  );
  try {
    // The server itself cuts the file into statements, as it does for Prisma: it alone knows every quoting rule, and
    // the bodies of triggers.
    if (!isEmpty(migration.sql)) await connection.query(migration.sql);
  } catch (error) {
    const { errno, sqlMessage, message } = error as SqlError;
    const report = `A migration failed to apply. New migrations cannot be applied before the error is recovered from. ${RESOLVE_HINT}

Migration name: ${migration.name}

Database error code: ${errno}

Database error:
${sqlMessage ?? message}`;
    await connection.query('UPDATE _prisma_migrations SET logs = ? WHERE id = ?', [report, id]);
    throw new MigrationError(MIGRATION_ERRORS.failedNow, report, { cause: error });
  }
  await connection.query(
    'UPDATE _prisma_migrations SET applied_steps_count = applied_steps_count + 1, finished_at = UTC_TIMESTAMP(3) WHERE id = ?',
    [id],
  );
}

/** MySQL calls a script without a statement an error. */
function isEmpty(sql: string): boolean {
  return sql.replace(/\/\*[^!][\s\S]*?\*\/|(?:--|#)[^\n]*/g, '').trim() === '';
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
