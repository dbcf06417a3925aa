import { inParts } from '../parts';
import { Prisma } from './generated/client';
import { type BulkColumns, type BulkRow, HOLE, type PackedShape, packRows } from './packed-rows';
import type { RawWriter } from './statements';

export type { BulkColumns, BulkRow } from './packed-rows';

/**
 * Many rows in one statement. The rows travel as one JSON parameter that the server unfolds with JSON_TABLE, which MySQL 8
 * and MariaDB 10.6+ both have: one round trip and one parse, whatever the number of rows.
 */

/** What a client or transaction must offer. */
type Executor = RawWriter;

/** Rows of one statement at most: a server takes statements of 16 MB unless it is told otherwise. */
const MOST_ROWS = 2500;

const NAME = /^[A-Za-z]+$/;

function quoted(name: string): string {
  if (!NAME.test(name)) throw new Error(`Not a plain column or table name: ${name}`);
  return `\`${name}\``;
}

/** The column of a text's hole, counted from 1. */
function holeName(name: string, hole: number): string {
  return `${quoted(name).slice(0, -1)}_${hole}\``;
}

function jsonTable(columns: BulkColumns, { pieced = {}, varying }: PackedShape): string {
  const fields = varying.map((name, index) => {
    const type = columns[name];
    if (type === undefined) throw new Error(`Not a column: ${name}`);
    return `${quoted(name)} ${type} PATH '$[${index}]'`;
  });
  for (const [name, literals] of Object.entries(pieced)) {
    for (let hole = 1; hole < literals.length; hole += 1) {
      fields.push(`${holeName(name, hole)} VARCHAR(${HOLE}) PATH '$[${fields.length}]'`);
    }
  }
  return `'$[*]' COLUMNS (${fields.join(', ')})) AS j`;
}

/** A column's value in a statement over `j`: bound, the row's own, or put together of its pieces. */
function boundOr(name: string, { constant, pieced = {}, varying }: PackedShape): Prisma.Sql {
  const literals = pieced[name];
  if (literals !== undefined) {
    const pieces = literals.flatMap((literal, index) =>
      index === 0 ? [Prisma.sql`${literal}`] : [Prisma.raw(`j.${holeName(name, index)}`), Prisma.sql`${literal}`],
    );
    const text = Prisma.sql`CONCAT(${Prisma.join(pieces)})`;
    return varying.includes(name) ? Prisma.sql`COALESCE(${Prisma.raw(`j.${quoted(name)}`)}, ${text})` : text;
  }
  const value = constant[name];
  return value === undefined ? Prisma.raw(`j.${quoted(name)}`) : Prisma.sql`${value}`;
}

type OnDuplicate<C> = 'fail' | 'ignore' | { readonly replace: readonly (keyof C & string)[] };

/**
 * Inserts rows of one tenant. `onDuplicate` "fail" lets the duplicate key through as an error, "ignore" keeps the row that is
 * there, "replace" overwrites the given columns. Answers the number of affected rows as MySQL counts them.
 */
export async function bulkInsert<C extends BulkColumns>(
  db: Executor,
  table: string,
  tenantId: string,
  columns: C,
  rows: readonly BulkRow<C>[],
  onDuplicate: OnDuplicate<C> = 'fail',
): Promise<number> {
  let affected = 0;
  for (const statement of bulkInserts(table, tenantId, columns, rows, onDuplicate)) {
    affected += await db.$executeRaw(statement);
  }
  return affected;
}

/** The statements of `bulkInsert`. */
export function* bulkInserts<C extends BulkColumns>(
  table: string,
  tenantId: string,
  columns: C,
  rows: readonly BulkRow<C>[],
  onDuplicate: OnDuplicate<C>,
): Generator<Prisma.Sql> {
  const names = Object.keys(columns);
  const first = names[0] === undefined ? '' : quoted(names[0]);
  const suffix =
    onDuplicate === 'fail'
      ? ''
      : onDuplicate === 'ignore'
        ? // Unlike INSERT IGNORE, this hides no other error.
          ` ON DUPLICATE KEY UPDATE ${quoted(table)}.${first} = ${quoted(table)}.${first}`
        : ` ON DUPLICATE KEY UPDATE ${onDuplicate.replace.map((name) => `${quoted(name)} = VALUES(${quoted(name)})`).join(', ')}`;
  for (const part of inParts(rows, MOST_ROWS)) {
    const { shape, json } = packRows(columns, part, names.slice(0, 1));
    const source = Prisma.sql`JSON_TABLE(${json}${Prisma.raw(`, ${jsonTable(columns, shape)}${suffix}`)}`;
    yield insertFrom(table, tenantId, columns, shape, source);
  }
}

/** Where packed rows are kept: `column` of the rows of `table` (named `p` in `where`). */
export type StoredRows = { readonly table: string; readonly column: string; readonly where: Prisma.Sql };

/** What has become known of packed rows (`j`) since: a join, and the values of columns in its terms. */
export type Since = {
  readonly join: Prisma.Sql;
  /** By the column's name; of the value as it was packed, NULL where it was not. */
  readonly values: Readonly<Record<string, (packed: Prisma.Sql) => Prisma.Sql>>;
};

const NOTHING_SINCE: Since = { join: Prisma.empty, values: {} };

/** Inserts rows that were packed with the same columns and stored: they do not travel again. */
export async function bulkInsertPacked<C extends BulkColumns>(
  db: Executor,
  table: string,
  tenantId: string,
  columns: C,
  shape: PackedShape,
  stored: StoredRows,
  since: Since = NOTHING_SINCE,
): Promise<number> {
  const source = Prisma.sql`${unpacked(columns, shape, stored)} ${since.join} WHERE ${stored.where}`;
  return db.$executeRaw(insertFrom(table, tenantId, columns, shape, source, since.values));
}

/** Packed rows where they are stored (`p`), unfolded (`j`). */
function unpacked(columns: BulkColumns, shape: PackedShape, { table, column }: StoredRows): Prisma.Sql {
  return Prisma.raw(`${quoted(table)} AS p JOIN JSON_TABLE(p.${quoted(column)}, ${jsonTable(columns, shape)} ON TRUE`);
}

/** Selects some columns of rows that were packed with `columns` and stored; numbers come as text. */
export function selectPacked<C extends BulkColumns>(
  columns: C,
  names: readonly (keyof C & string)[],
  shape: PackedShape,
  stored: StoredRows,
): Prisma.Sql {
  const values = names.map((name) => Prisma.sql`CAST(${boundOr(name, shape)} AS CHAR) AS ${Prisma.raw(quoted(name))}`);
  return Prisma.sql`SELECT ${Prisma.join(values)} FROM ${unpacked(columns, shape, stored)} WHERE ${stored.where}`;
}

function insertFrom(
  table: string,
  tenantId: string,
  columns: BulkColumns,
  shape: PackedShape,
  source: Prisma.Sql,
  since: Since['values'] = {},
): Prisma.Sql {
  const names = [...new Set([...Object.keys(columns), ...Object.keys(since)])];
  const list = names.map(quoted).join(', ');
  const packed = (name: string): Prisma.Sql => (name in columns ? boundOr(name, shape) : Prisma.sql`NULL`);
  const values = Prisma.join(names.map((name) => since[name]?.(packed(name)) ?? packed(name)));
  return Prisma.sql`${Prisma.raw(`INSERT INTO ${quoted(table)} (\`tenantId\`, ${list}) SELECT`)} ${tenantId}, ${values} FROM ${source}`;
}

/**
 * Updates rows of one tenant by key: sets every column that is not part of the key. `guard` is an extra condition on the
 * table `t` and the new values `j`. Columns in `keep` are only written where the new value is not null. `stamped` are columns that
 * get the database's time: what ages is told by one clock.
 */
export async function bulkUpdate<C extends BulkColumns>(
  db: Executor,
  table: string,
  tenantId: string,
  key: readonly (keyof C & string)[],
  columns: C,
  rows: readonly BulkRow<C>[],
  guard = '',
  keep: readonly (keyof C & string)[] = [],
  stamped: readonly string[] = [],
): Promise<number> {
  if (rows.length === 0) return 0;
  if (rows.length > MOST_ROWS) {
    let affected = 0;
    for (const part of inParts(rows, MOST_ROWS)) {
      affected += await bulkUpdate(db, table, tenantId, key, columns, part, guard, keep, stamped);
    }
    return affected;
  }
  // What JSON_TABLE unfolds must be compared as the column is, or no index serves. Ids are compared byte by byte, and that wins.
  const collation = (name: string): string =>
    columns[name]?.startsWith('VARCHAR') && name !== 'instrumentId' ? ' COLLATE utf8mb4_unicode_ci' : '';
  const on = key.map((name) => `t.${quoted(name)} = j.${quoted(name)}${collation(name)}`).join(' AND ');
  const { shape, json } = packRows(columns, rows, key);
  const set = Object.keys(columns)
    .filter((name) => !key.includes(name))
    // Nothing new in any row: the column stays as it is.
    .filter((name) => !keep.includes(name) || shape.constant[name] !== null)
    .map((name) => {
      const value = boundOr(name, shape);
      const column = Prisma.raw(`t.${quoted(name)}`);
      return keep.includes(name)
        ? Prisma.sql`${column} = COALESCE(${value}, ${column})`
        : Prisma.sql`${column} = ${value}`;
    });
  for (const name of stamped) set.push(Prisma.raw(`t.${quoted(name)} = UTC_TIMESTAMP(3)`));
  const condition = guard === '' ? '' : ` AND (${guard})`;
  const statement = Prisma.sql`UPDATE JSON_TABLE(${json}${Prisma.raw(`, ${jsonTable(columns, shape)} STRAIGHT_JOIN ${quoted(table)} AS t ON ${on} SET `)}${Prisma.join(set)}${Prisma.raw(' WHERE t.`tenantId` = ')}${tenantId}${Prisma.raw(condition)}`;
  return db.$executeRaw(statement);
}
