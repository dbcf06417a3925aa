import { createConnection } from 'mariadb';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import type { SchemaShape, TableShape } from './schema-shape';

interface ColumnRow {
  t: string;
  name: string;
  type: string;
  nullable: string;
  preset: string | null;
  extra: string;
}

interface IndexRow {
  t: string;
  name: string;
  nonUnique: number | bigint;
  column: string;
}

interface KeyRow {
  t: string;
  name: string;
  column: string;
  target: string;
  targetColumn: string;
  onDelete: string;
  onUpdate: string;
}

interface CheckRow {
  t: string;
  clause: string;
}

/** Reads the tables of a database (but for Prisma's own) from information_schema. */
export async function readDatabaseShape(url: string): Promise<SchemaShape> {
  const { connection: address } = parseDatabaseUrl(url);
  const connection = await createConnection(address);
  try {
    const columns: ColumnRow[] = await connection.query(
      `SELECT table_name AS t, column_name AS name, column_type AS type, is_nullable AS nullable,
              column_default AS preset, extra AS extra
       FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations'
       ORDER BY table_name, ordinal_position`,
    );
    const indexes: IndexRow[] = await connection.query(
      `SELECT table_name AS t, index_name AS name, non_unique AS nonUnique, column_name AS \`column\`
       FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations'
       ORDER BY table_name, index_name, seq_in_index`,
    );
    const keys: KeyRow[] = await connection.query(
      `SELECT u.table_name AS t, u.constraint_name AS name, u.column_name AS \`column\`,
              u.referenced_table_name AS target, u.referenced_column_name AS targetColumn,
              r.delete_rule AS onDelete, r.update_rule AS onUpdate
       FROM information_schema.key_column_usage u
       JOIN information_schema.referential_constraints r
         ON r.constraint_schema = u.constraint_schema AND r.constraint_name = u.constraint_name AND r.table_name = u.table_name
       WHERE u.table_schema = DATABASE() AND u.referenced_table_name IS NOT NULL
       ORDER BY u.table_name, u.constraint_name, u.ordinal_position`,
    );
    return assemble(columns, indexes, keys, await jsonColumns(connection));
  } finally {
    await connection.end();
  }
}

/** MariaDB keeps JSON as long text with a check that it is JSON; MySQL has a type for it, and no such checks. */
async function jsonColumns(connection: Awaited<ReturnType<typeof createConnection>>): Promise<Set<string>> {
  if (!connection.serverVersion().includes('MariaDB')) return new Set();
  const checks: CheckRow[] = await connection.query(
    `SELECT table_name AS t, check_clause AS clause FROM information_schema.check_constraints
     WHERE constraint_schema = DATABASE()`,
  );
  return new Set(
    checks.flatMap(({ t, clause }) => {
      const column = /^json_valid\(`(\w+)`\)$/i.exec(clause)?.[1];
      return column ? [`${t}.${column}`] : [];
    }),
  );
}

function assemble(
  columns: readonly ColumnRow[],
  indexes: readonly IndexRow[],
  keys: readonly KeyRow[],
  json: ReadonlySet<string>,
): SchemaShape {
  const schema: SchemaShape = {};
  const tableOf = (name: string): TableShape => {
    schema[name] ??= { columns: {}, primaryKey: [], indexes: {}, foreignKeys: {} };
    return schema[name];
  };
  for (const row of columns) {
    tableOf(row.t).columns[row.name] = {
      type: json.has(`${row.t}.${row.name}`) ? 'json' : plainType(row.type),
      nullable: row.nullable === 'YES',
      default: plainDefault(row.preset),
      autoIncrement: row.extra.toLowerCase().includes('auto_increment'),
    };
  }
  for (const row of indexes) {
    const table = tableOf(row.t);
    if (row.name === 'PRIMARY') {
      table.primaryKey.push(row.column);
      continue;
    }
    table.indexes[row.name] ??= { unique: Number(row.nonUnique) === 0, columns: [] };
    table.indexes[row.name]?.columns.push(row.column);
  }
  for (const row of keys) {
    const table = tableOf(row.t);
    table.foreignKeys[row.name] ??= {
      columns: [],
      table: row.target,
      targets: [],
      onDelete: plainAction(row.onDelete),
      onUpdate: plainAction(row.onUpdate),
    };
    table.foreignKeys[row.name]?.columns.push(row.column);
    table.foreignKeys[row.name]?.targets.push(row.targetColumn);
  }
  return schema;
}

/** MariaDB still writes the display width of whole numbers, "int(11)"; MySQL 8 does not. */
function plainType(type: string): string {
  return type.replace(/^(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1');
}

/** MariaDB quotes texts and says NULL; MySQL does neither. Decimals come with all their zeros. */
function plainDefault(preset: string | null): string | null {
  if (preset === null || preset === 'NULL') return null;
  if (/^current_timestamp\(3\)$/i.test(preset)) return 'now';
  const bare = /^'(.*)'$/s.exec(preset)?.[1]?.replaceAll("''", "'") ?? preset;
  return /^-?\d+\.\d+$/.test(bare) ? bare.replace(/\.?0+$/, '') : bare;
}

/** The two are one and the same in MySQL. */
function plainAction(action: string): string {
  return action === 'NO ACTION' ? 'RESTRICT' : action;
}
