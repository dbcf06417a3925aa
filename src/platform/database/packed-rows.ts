import { sqlTime } from './text-rows';

/*
 * Rows as they travel to the server in one statement, or wait there to be unfolded: what all of them share once, and of each what is
 * its own.
 */

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
export type BulkValue = string | number | Date | boolean | null | PiecedText;
/**
 * A text of literals and values by turns, one literal more than values. What rows of one statement share – the very same list of
 * literals, and values that are equal in all of them – travels once.
 */
export type PiecedText = { readonly literals: readonly string[]; readonly values: readonly string[] };
export type BulkRow<C extends BulkColumns> = Readonly<Record<keyof C, BulkValue>>;

type Plain = string | number | null;

function isPieced(value: BulkValue | undefined): value is PiecedText {
  return typeof value === 'object' && value !== null && 'literals' in value;
}

/** The text itself. */
function joined({ literals, values }: PiecedText): string {
  return literals.map((literal, index) => literal + (values[index] ?? '')).join('');
}

/** Times of the rows of one statement are mostly the same few. */
function plainValues(): (value: BulkValue | undefined) => Plain {
  let last = Number.NaN;
  let text = '';
  return (value) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (isPieced(value)) return joined(value);
    if (!(value instanceof Date)) return value;
    const time = value.getTime();
    if (time !== last) {
      last = time;
      text = sqlTime(value);
    }
    return text;
  };
}

/** Columns that differ from row to row, in the order of a row's values, and the values that all rows share. Plain JSON. */
export type PackedShape = {
  readonly varying: readonly string[];
  readonly constant: Readonly<Record<string, Plain>>;
  /**
   * Literals of texts in pieces, by column. A row's values for the holes between them follow its varying ones, in this order; a
   * row without them has the whole text as a varying value.
   */
  readonly pieced?: Readonly<Record<string, readonly string[]>>;
};
/** Rows as they travel: what differs as JSON, what is the same in all of them once. */
export type PackedRows = { readonly shape: PackedShape; readonly json: string };

/** What a row adds for the holes of one column; null: it has the whole text. */
type Holes = (value: BulkValue | undefined) => readonly string[] | null;
type SharedPieces = { readonly literals: readonly string[]; readonly holes: Holes };

/** Characters of a value between literals at most. */
export const HOLE = 300;

/** What the texts of a column share; null where that is nothing, and where a row has no text at all. */
function shared(texts: readonly (BulkValue | undefined)[]): SharedPieces | null {
  if (texts.includes(null)) return null;
  const alike = largestGroup(texts.filter(isPieced));
  const [first] = alike;
  if (first === undefined) return null;
  const literals: string[] = [];
  const open: number[] = [];
  let literal = first.literals[0] ?? '';
  first.values.forEach((value, index) => {
    const next = first.literals[index + 1] ?? '';
    if (alike.every(({ values }) => values[index] === value)) {
      literal += value + next;
      return;
    }
    literals.push(literal);
    open.push(index);
    literal = next;
  });
  literals.push(literal);
  const holes = (value: BulkValue | undefined): readonly string[] | null => {
    if (!isPieced(value) || value.literals !== first.literals) return null;
    const values: string[] = [];
    for (const index of open) {
      const text = value.values[index] ?? '';
      if (text.length > HOLE) return null;
      values.push(text);
    }
    return values;
  };
  return { literals, holes };
}

/** Most of them that have the same list of literals. */
function largestGroup(texts: readonly PiecedText[]): readonly PiecedText[] {
  const groups = new Map<readonly string[], PiecedText[]>();
  for (const text of texts) {
    const group = groups.get(text.literals);
    if (group === undefined) groups.set(text.literals, [text]);
    else group.push(text);
  }
  return [...groups.values()].reduce((most, group) => (group.length > most.length ? group : most), []);
}

/** @param keys columns that count as different even where they are not */
export function packRows<C extends BulkColumns>(
  columns: C,
  rows: readonly BulkRow<C>[],
  keys: readonly string[],
): PackedRows {
  const plain = plainValues();
  const same = (a: BulkValue | undefined, b: BulkValue | undefined): boolean =>
    a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());
  const constant: Record<string, Plain> = {};
  const pieced: Record<string, readonly string[]> = {};
  const varying: string[] = [];
  const holes = new Map<string, (readonly string[] | null)[]>();
  for (const name of Object.keys(columns)) {
    const value = rows[0]?.[name];
    const pieces = isPieced(value) ? shared(rows.map((row) => row[name])) : null;
    if (pieces !== null) {
      const ofRows = rows.map((row) => pieces.holes(row[name]));
      const whole = ofRows.includes(null);
      if (whole) varying.push(name);
      const [only = '', ...more] = pieces.literals;
      if (!whole && more.length === 0) constant[name] = only;
      else {
        pieced[name] = pieces.literals;
        holes.set(name, ofRows);
      }
    } else if (!keys.includes(name) && rows.every((row) => same(row[name], value))) constant[name] = plain(value);
    else varying.push(name);
  }
  const json = JSON.stringify(
    rows.map((row, index) => {
      const values = varying.map((name) => (holes.get(name)?.[index] == null ? plain(row[name]) : null));
      for (const [name, ofRows] of holes) values.push(...(ofRows[index] ?? noHoles(pieced[name])));
      return values;
    }),
  );
  return { shape: { varying, constant, pieced }, json };
}

/** Of a row that has the whole text: what follows keeps its place. */
function noHoles(literals: readonly string[] = []): readonly null[] {
  return literals.slice(1).map(() => null);
}
