import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mariadb';
import { findBinary } from './binaries';
import { type Daemon, startDaemon, stopLeftover } from './daemon';
import type { Guard } from './guard';

const run = promisify(execFile);

export interface MariaDbSpec {
  /** Holds the rows, the configuration, the socket and the log. Made when absent. */
  directory: string;
  port: number;
  host?: string;
  user: string;
  password: string;
  database: string;
  /** May the user create and drop databases? The tests do; a running service must not. */
  mayCreateDatabases?: boolean;
  /** Trades safety on power loss for speed. For tests only. */
  relaxed?: boolean;
  /** Takes only connections with TLS, by these files in PEM, or has no TLS at all. Without it: what MariaDB does by itself. */
  tls?: { ca: string; cert: string; key: string } | 'none';
  /** Memory for rows and indexes, MB. */
  bufferPoolMb?: number;
  guard?: Guard;
}

export interface MariaDb extends Daemon {
  /** mysql://user:password@host:port/database */
  readonly url: string;
}

export function mariaDbBinaries(): { server: string; install: string } | undefined {
  const server = findBinary('mariadbd');
  const install = findBinary('mariadb-install-db');
  return server && install ? { server, install } : undefined;
}

/** A private MariaDB on 127.0.0.1, with one user and one database. Its root has no network access and a random password. */
export async function startMariaDb(spec: MariaDbSpec): Promise<MariaDb> {
  const binaries = mariaDbBinaries();
  if (!binaries) throw new Error('mariadbd and mariadb-install-db are not installed');
  const host = spec.host ?? '127.0.0.1';
  const directory = resolve(spec.directory);
  const rows = join(directory, 'rows');
  const temporary = join(directory, 'tmp');
  const pidFile = join(directory, 'mariadb.pid');
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  await stopLeftover(pidFile, directory);
  const asRoot = userInfo().uid === 0;

  // A crash in the middle of the installation must not leave half a system database that later starts would trust.
  const installed = join(directory, 'installed');
  if (!existsSync(installed)) {
    rmSync(rows, { recursive: true, force: true });
    await run(binaries.install, [
      '--no-defaults',
      `--datadir=${rows}`,
      `--tmpdir=${temporary}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...(asRoot ? ['--user=root'] : []),
    ]);
    writeFileSync(installed, '');
  }

  const initFile = join(directory, 'init.sql');
  writeFileSync(initFile, initialStatements(spec), { mode: 0o600 });
  const configFile = join(directory, 'my.cnf');
  writeFileSync(configFile, configuration(spec, { host, directory, rows, temporary, pidFile, initFile, asRoot }), {
    mode: 0o600,
  });

  try {
    const daemon = await startDaemon({
      name: 'MariaDB',
      command: binaries.server,
      args: [`--defaults-file=${configFile}`],
      logFile: join(directory, 'mariadb.log'),
      guard: spec.guard,
      isReady: () => answers(spec, host),
    });
    const login = `${encodeURIComponent(spec.user)}:${encodeURIComponent(spec.password)}`;
    return { ...daemon, url: `mysql://${login}@${host}:${spec.port}/${spec.database}` };
  } finally {
    rmSync(initFile, { force: true });
  }
}

function initialStatements(spec: MariaDbSpec): string {
  const password = quote(spec.password);
  const statements = [
    "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost')",
    'FLUSH PRIVILEGES',
    `ALTER USER 'root'@'localhost' IDENTIFIED BY ${password}`,
    `CREATE DATABASE IF NOT EXISTS \`${spec.database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  ];
  for (const from of ['127.0.0.1', 'localhost']) {
    const user = `${quote(spec.user)}@'${from}'`;
    statements.push(
      `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY ${password}`,
      `ALTER USER ${user} IDENTIFIED BY ${password}`,
      `GRANT ALL PRIVILEGES ON ${spec.mayCreateDatabases ? '*.*' : `\`${spec.database.replaceAll('_', '\\_')}\`.*`} TO ${user}`,
    );
  }
  // An init file takes one statement a line.
  return statements.map((statement) => `${statement};\n`).join('');
}

interface ConfigurationPlaces {
  host: string;
  directory: string;
  rows: string;
  temporary: string;
  pidFile: string;
  initFile: string;
  asRoot: boolean;
}

function configuration(spec: MariaDbSpec, places: ConfigurationPlaces): string {
  const settings = [
    '[mysqld]',
    `datadir=${places.rows}`,
    `bind-address=${places.host}`,
    `port=${spec.port}`,
    `socket=${socketPath(places.directory)}`,
    `pid-file=${places.pidFile}`,
    `init-file=${places.initFile}`,
    // Its own: a server that starts deletes what it takes for leftovers, also those of another one that runs.
    `tmpdir=${places.temporary}`,
    'skip-name-resolve',
    'skip-log-bin',
    'performance_schema=OFF',
    `innodb_buffer_pool_size=${spec.bufferPoolMb ?? 64}M`,
    'innodb_log_file_size=32M',
    'max_connections=200',
    'default-time-zone=+00:00',
    'character-set-server=utf8mb4',
    'collation-server=utf8mb4_unicode_ci',
    'sql_mode=STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    ...(spec.relaxed
      ? ['innodb_flush_log_at_trx_commit=0', 'innodb_doublewrite=0', 'innodb_flush_method=nosync', 'sync_frm=0']
      : ['innodb_flush_log_at_trx_commit=1']),
    ...(spec.tls === undefined ? [] : tlsSettings(spec.tls)),
    ...(places.asRoot ? ['user=root'] : []),
  ];
  return `${settings.join('\n')}\n`;
}

function tlsSettings(tls: NonNullable<MariaDbSpec['tls']>): string[] {
  if (tls === 'none') return ['skip-ssl'];
  return [`ssl-ca=${tls.ca}`, `ssl-cert=${tls.cert}`, `ssl-key=${tls.key}`, 'require-secure-transport=ON'];
}

/** A Unix socket's path may have about 100 bytes; a deep data folder gets a short one in the temporary folder. */
function socketPath(directory: string): string {
  const inside = join(directory, 'mariadb.sock');
  if (Buffer.byteLength(inside) < 100) return inside;
  return join(tmpdir(), `slipstream-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}.sock`);
}

async function answers(spec: MariaDbSpec, host: string): Promise<boolean> {
  try {
    const connection = await createConnection({
      host,
      port: spec.port,
      user: spec.user,
      password: spec.password,
      database: spec.database,
      connectTimeout: 1_000,
      ...(typeof spec.tls === 'object' ? { ssl: { ca: readFileSync(spec.tls.ca) } } : {}),
    });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
