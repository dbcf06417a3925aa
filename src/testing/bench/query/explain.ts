import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import type { BenchWorld } from '../bench-world';

/** A table read from end to end, and the statement that does it. */
export type FullScan = { readonly table: string; readonly rows: number; readonly sql: string };

/** Tables of fewer rows are read whole rightly. */
const SMALL = 5000;

/** Listens to MySQL's own log of statements while `act` runs, and asks for the plan of each read. */
export async function findFullScans(world: BenchWorld, act: () => Promise<void>): Promise<readonly FullScan[]> {
  const file = join(world.directory, 'mariadb', 'statements.log');
  rmSync(file, { force: true });
  const root = await createConnection({ ...world.mysqlRoot, database: new URL(world.mysqlUrl).pathname.slice(1) });
  try {
    await root.query('SET GLOBAL general_log_file = ?', [file]);
    await root.query('SET GLOBAL general_log = 1');
    await act();
    await root.query('SET GLOBAL general_log = 0');
    const scans = new Map<string, FullScan>();
    for (const sql of selectsOf(existsSync(file) ? readFileSync(file, 'utf8') : '')) {
      const rows = (await root.query(`EXPLAIN ${sql}`)) as readonly Record<string, unknown>[];
      for (const row of rows) {
        const table = String(row.table ?? '');
        const whole = row.type === 'ALL' || row.type === 'index';
        if (!whole || table.startsWith('<') || Number(row.rows ?? 0) < SMALL) continue;
        scans.set(`${table}|${sql.slice(0, 120)}`, { table, rows: Number(row.rows), sql: sql.slice(0, 600) });
      }
    }
    return [...scans.values()];
  } finally {
    await root.end();
  }
}

/** The log's lines are "time? id command<tab>text"; a statement may go on over several lines. */
function selectsOf(log: string): Set<string> {
  const statements: string[] = [];
  for (const line of log.split('\n')) {
    const start =
      /^(?:\S+ +\S+)?\s+\d+ (Query|Execute|Prepare|Connect|Quit|Close stmt|Init DB|Reset stmt|Statistics|Ping)\b\s?(.*)$/.exec(
        line,
      );
    if (start === null) {
      if (statements.length > 0) statements[statements.length - 1] += `\n${line}`;
    } else statements.push(start[1] === 'Query' || start[1] === 'Execute' ? (start[2] ?? '').trim() : '');
  }
  return new Set(statements.filter((sql) => /^\(?SELECT\b/i.test(sql) && /\bFROM\b/i.test(sql)));
}
