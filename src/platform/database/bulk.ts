import { Prisma } from './generated/client';

/**
 * Many rows in one statement. The rows travel as one JSON parameter that the server unfolds with JSON_TABLE, which MySQL 8
 * and MariaDB 10.6+ both have: one round trip and one parse, whatever the number of rows.
 */

/** What a client or transaction must offer. */
type Executor = { $executeRaw(query: Prisma.Sql): Prisma.PrismaPromise<number> | Promise<number> };

/** Type of a column inside JSON_TABLE. JSON columns travel as text. */
export type BulkType =
  | 'CHAR(32)'
  | 'VARCHAR(64)'
  | 'VARCHAR(120)'
  | 'VARCHAR(300)'
  | 'LONGTEXT'
  | 'DECIMAL(36,18)'
  | 'DATETIME(3)'
  | 'INT';
export type BulkColumns = Readonly<Record<string, BulkType>>;
/** Decimals as text, times as Date, JSON as already serialised text. */
export type BulkValue = string | number | Date | boolean | null;
export type BulkRow<C extends BulkColumns> = Readonly<Record<keyof C, BulkValue>>;

const NAME = /^[A-Za-z]+$/;

function quoted(name: string): string {
  if (!NAME.test(name)) throw new Error(`Not a plain column or table name: ${name}`);
  return `\`${name}\``;
}

function jsonTable(columns: BulkColumns): string {
  const fields = Object.entries(columns).map(([name, type], index) => `${quoted(name)} ${type} PATH '$[${index}]'`);
  return `'$[*]' COLUMNS (${fields.join(', ')})) AS j`;
}

/** MySQL's notation of a moment in UTC: "2026-01-31 12:00:00.123". */
export function sqlTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

function toJson<C extends BulkColumns>(columns: C, rows: readonly BulkRow<C>[]): string {
  const names = Object.keys(columns);
  const plain = (value: BulkValue | undefined): string | number | null => {
    if (value instanceof Date) return sqlTime(value);
    if (typeof value === 'boolean') return value ? 1 : 0;
    return value ?? null;
  };
  return JSON.stringify(rows.map((row) => names.map((name) => plain(row[name]))));
}

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
  onDuplicate: 'fail' | 'ignore' | { readonly replace: readonly (keyof C & string)[] } = 'fail',
): Promise<number> {
  if (rows.length === 0) return 0;
  const names = Object.keys(columns);
  const list = names.map(quoted).join(', ');
  const values = names.map((name) => `j.${quoted(name)}`).join(', ');
  const first = names[0] === undefined ? '' : quoted(names[0]);
  const suffix =
    onDuplicate === 'fail'
      ? ''
      : onDuplicate === 'ignore'
        ? // Unlike INSERT IGNORE, this hides no other error.
          ` ON DUPLICATE KEY UPDATE ${quoted(table)}.${first} = ${quoted(table)}.${first}`
        : ` ON DUPLICATE KEY UPDATE ${onDuplicate.replace.map((name) => `${quoted(name)} = VALUES(${quoted(name)})`).join(', ')}`;
  const statement = Prisma.sql`${Prisma.raw(`INSERT INTO ${quoted(table)} (\`tenantId\`, ${list}) SELECT`)} ${tenantId}, ${Prisma.raw(`${values} FROM JSON_TABLE(`)}${toJson(columns, rows)}${Prisma.raw(`, ${jsonTable(columns)}${suffix}`)}`;
  return db.$executeRaw(statement);
}

/**
 * Updates rows of one tenant by key: sets every column that is not part of the key. `guard` is an extra condition on the
 * table `t` and the new values `j`. Columns in `keep` are only written where the new value is not null.
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
): Promise<number> {
  if (rows.length === 0) return 0;
  const text = (name: string): string => {
    const type = columns[name];
    return type?.startsWith('CHAR') || type?.startsWith('VARCHAR') ? ' COLLATE utf8mb4_unicode_ci' : '';
  };
  const on = key.map((name) => `t.${quoted(name)} = j.${quoted(name)}${text(name)}`).join(' AND ');
  const set = Object.keys(columns)
    .filter((name) => !key.includes(name))
    .map((name) => {
      const value = `j.${quoted(name)}`;
      return `t.${quoted(name)} = ${keep.includes(name) ? `COALESCE(${value}, t.${quoted(name)})` : value}`;
    })
    .join(', ');
  const condition = guard === '' ? '' : ` AND (${guard})`;
  const statement = Prisma.sql`${Prisma.raw('UPDATE JSON_TABLE(')}${toJson(columns, rows)}${Prisma.raw(`, ${jsonTable(columns)} STRAIGHT_JOIN ${quoted(table)} AS t ON ${on} SET ${set} WHERE t.\`tenantId\` = `)}${tenantId}${Prisma.raw(condition)}`;
  return db.$executeRaw(statement);
}
