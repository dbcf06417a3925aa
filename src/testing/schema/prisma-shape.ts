import type { ColumnShape, ForeignKeyShape, IndexShape, SchemaShape, TableShape } from './schema-shape';

/**
 * Reads the tables that a Prisma schema asks for out of its text. Only the words that this project's schema uses are known; an
 * unknown one throws, so that nothing is skipped in silence. (Prisma's own parser is part of the native engine, and the
 * generated client no longer tells native types.)
 */
export function readPrismaShape(schema: string): SchemaShape {
  const blocks = [...stripComments(schema).matchAll(/^\s*(model|enum)\s+(\w+)\s*\{([^}]*)\}/gm)].map(
    ([, kind = '', name = '', body = '']) => ({ kind, name, lines: linesOf(body) }),
  );
  const enums = new Map(blocks.filter(({ kind }) => kind === 'enum').map(({ name, lines }) => [name, lines]));
  const models = blocks.filter(({ kind }) => kind === 'model');
  const modelNames = new Set(models.map(({ name }) => name));
  return Object.fromEntries(models.map(({ name, lines }) => [name, readModel(name, lines, enums, modelNames)]));
}

function stripComments(schema: string): string {
  return schema.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (found) => (found.startsWith('//') ? '' : found));
}

function linesOf(body: string): string[] {
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function readModel(
  model: string,
  lines: readonly string[],
  enums: ReadonlyMap<string, string[]>,
  models: ReadonlySet<string>,
): TableShape {
  const table: TableShape = { columns: {}, primaryKey: [], indexes: {}, foreignKeys: {} };
  const addIndex = (columns: string[], unique: boolean, name?: string) => {
    const index: IndexShape = { unique, columns };
    table.indexes[name ?? `${model}_${columns.join('_')}_${unique ? 'key' : 'idx'}`] = index;
  };
  for (const line of lines) {
    const block = /^@@(\w+)\(\s*(?:fields:\s*)?\[([^\]]*)\]\s*(?:,\s*map:\s*"(\w+)")?\s*\)$/.exec(line);
    if (block) {
      const [, attribute, list = '', name] = block;
      const columns = names(list);
      if (attribute === 'id') table.primaryKey = columns;
      else if (attribute === 'unique' || attribute === 'index') addIndex(columns, attribute === 'unique', name);
      else throw new Error(`${model}: @@${attribute} is not known to the drift test`);
      continue;
    }
    const field = /^(\w+)\s+(\w+)(\?|\[\])?\s*(.*)$/.exec(line);
    if (!field) throw new Error(`${model}: "${line}" is not known to the drift test`);
    const [, name = '', type = '', suffix, attributes = ''] = field;
    if (models.has(type)) {
      const relation = /@relation\((.*)\)/.exec(attributes)?.[1];
      if (relation?.includes('fields:')) {
        const key = readRelation(relation, type);
        table.foreignKeys[`${model}_${key.columns.join('_')}_fkey`] = key;
      }
      continue;
    }
    table.columns[name] = readColumn(`${model}.${name}`, type, suffix === '?', attributes, enums);
    if (/@id\b/.test(attributes)) table.primaryKey = [name];
    if (/@unique\b/.test(attributes)) addIndex([name], true);
  }
  return table;
}

function readRelation(relation: string, table: string): ForeignKeyShape {
  const list = (word: string) => names(new RegExp(`${word}:\\s*\\[([^\\]]*)\\]`).exec(relation)?.[1] ?? '');
  const action = (word: string, otherwise: string) =>
    (new RegExp(`${word}:\\s*(\\w+)`).exec(relation)?.[1] ?? otherwise)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toUpperCase();
  return {
    columns: list('fields'),
    table,
    targets: list('references'),
    onDelete: action('onDelete', 'Restrict'),
    onUpdate: action('onUpdate', 'Cascade'),
  };
}

function readColumn(
  where: string,
  type: string,
  nullable: boolean,
  attributes: string,
  enums: ReadonlyMap<string, string[]>,
): ColumnShape {
  const given = defaultOf(attributes);
  return {
    type: columnType(where, type, attributes, enums),
    nullable,
    default: given === 'autoincrement()' ? null : given === 'now()' ? 'now' : given,
    autoIncrement: given === 'autoincrement()',
  };
}

function defaultOf(attributes: string): string | null {
  const found = /@default\(("(?:[^"\\]|\\.)*"|\w+\(\)|[^)]*)\)/.exec(attributes)?.[1];
  if (found === undefined) return null;
  if (found.startsWith('"')) return JSON.parse(found) as string;
  return found === 'true' ? '1' : found === 'false' ? '0' : found;
}

/** What Prisma makes of its types in MySQL, unless a native type is named. */
const USUAL_TYPES: Record<string, string> = {
  String: 'varchar(191)',
  Boolean: 'tinyint',
  Int: 'int',
  BigInt: 'bigint',
  Float: 'double',
  Decimal: 'decimal(65,30)',
  DateTime: 'datetime(3)',
  Json: 'json',
  Bytes: 'longblob',
};

function columnType(where: string, type: string, attributes: string, enums: ReadonlyMap<string, string[]>): string {
  const values = enums.get(type);
  if (values) return `enum(${values.map((value) => `'${value}'`).join(',')})`;
  const native = /@db\.(\w+)(?:\(([^)]*)\))?/.exec(attributes);
  if (native) return `${native[1]?.toLowerCase()}${native[2] ? `(${native[2].replaceAll(' ', '')})` : ''}`;
  const usual = USUAL_TYPES[type];
  if (!usual) throw new Error(`${where}: the type ${type} is not known to the drift test`);
  return usual;
}

function names(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}
