import { UnwritableValueError } from './failure-kind';
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
class PlainValues {
  #time = Number.NaN;
  #text = '';

  of(value: BulkValue | undefined): Plain {
    if (value === null || value === undefined) return null;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (isPieced(value)) return joined(value);
    if (!(value instanceof Date)) return value;
    const time = value.getTime();
    if (time !== this.#time) {
      this.#time = time;
      this.#text = sqlTime(value);
    }
    return this.#text;
  }
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

/** What the texts of a column share: literals between holes, and which values of a text fill them. */
type SharedPieces = {
  readonly literals: readonly string[];
  readonly open: readonly number[];
  /** The list of literals that the texts were made with. */
  readonly madeWith: readonly string[];
};

/** Characters of a value between literals at most. */
export const HOLE = 300;

/*
 * Plain loops from here on, and no functions made inside of functions: thousands of rows are packed while a signal's orders wait, and
 * the engine forgets what it compiled of a function that nobody holds between two signals.
 */

/** What the texts of a column share; null where that is nothing, and where a row has no text at all. */
function sharedPieces(rows: readonly BulkRow<BulkColumns>[], name: string): SharedPieces | null {
  const alike = largestGroup(rows, name);
  const first = alike?.[0];
  if (alike === null || first === undefined) return null;
  const literals: string[] = [];
  const open: number[] = [];
  let literal = first.literals[0] ?? '';
  for (let index = 0; index < first.values.length; index += 1) {
    const value = first.values[index] ?? '';
    const next = first.literals[index + 1] ?? '';
    if (haveAll(alike, index, value)) literal += value + next;
    else {
      literals.push(literal);
      open.push(index);
      literal = next;
    }
  }
  literals.push(literal);
  return { literals, open, madeWith: first.literals };
}

function haveAll(texts: readonly PiecedText[], index: number, value: string): boolean {
  for (const { values } of texts) if (values[index] !== value) return false;
  return true;
}

/** Most of a column's texts that have the same list of literals; null where a row has no text at all. */
function largestGroup(rows: readonly BulkRow<BulkColumns>[], name: string): readonly PiecedText[] | null {
  const groups = new Map<readonly string[], PiecedText[]>();
  for (const row of rows) {
    const text = row[name];
    if (text === null) return null;
    if (!isPieced(text)) continue;
    let group = groups.get(text.literals);
    if (group === undefined) {
      group = [];
      groups.set(text.literals, group);
    }
    group.push(text);
  }
  let largest: readonly PiecedText[] = [];
  for (const group of groups.values()) if (group.length > largest.length) largest = group;
  return largest;
}

/** Whether a row's text is told by the column's literals and what the row adds in their holes; else it is told whole. */
function fits(value: BulkValue | undefined, { madeWith, open }: SharedPieces): boolean {
  if (!isPieced(value) || value.literals !== madeWith) return false;
  for (const index of open) if ((value.values[index] ?? '').length > HOLE) return false;
  return true;
}

function isConstant(rows: readonly BulkRow<BulkColumns>[], name: string): boolean {
  const first = rows[0]?.[name];
  for (const row of rows) if (!isSame(row[name], first)) return false;
  return true;
}

function isSame(a: BulkValue | undefined, b: BulkValue | undefined): boolean {
  return a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());
}

/** A column whose texts share pieces. */
type PiecedColumn = {
  readonly name: string;
  /** Values of a text that are a row's own. */
  readonly open: readonly number[];
  /** Rows whose text is told by them. */
  readonly fitting: readonly boolean[];
};

/** Digits beyond those of the column are rounded. */
const DECIMAL_THAT_FITS = /^-?\d{1,18}(?:\.\d+)?$/;

/** What a server would refuse, cut, or take for NULL without a word: a statement of many rows says nothing of which it was. */
function requireWritable(name: string, rows: readonly BulkRow<BulkColumns>[]): void {
  let last: BulkValue | undefined = null;
  for (let index = 0; index < rows.length; index += 1) {
    const value = rows[index]?.[name];
    // Mostly it is the row's before.
    if (value === last) continue;
    if (value !== null && !(typeof value === 'string' && DECIMAL_THAT_FITS.test(value))) {
      throw new UnwritableValueError(name, index);
    }
    last = value;
  }
}

/**
 * @param keys columns that count as different even where they are not
 * @throws UnwritableValueError for a decimal that its column cannot hold
 */
export function packRows<C extends BulkColumns>(
  columns: C,
  rows: readonly BulkRow<C>[],
  keys: readonly string[],
): PackedRows {
  const plain = new PlainValues();
  const constant: Record<string, Plain> = {};
  const pieced: Record<string, readonly string[]> = {};
  const varying: string[] = [];
  const inPieces: PiecedColumn[] = [];
  for (const name of Object.keys(columns)) {
    if (columns[name] === 'DECIMAL(36,18)') requireWritable(name, rows);
    const value = rows[0]?.[name];
    const pieces = isPieced(value) ? sharedPieces(rows, name) : null;
    if (pieces === null) {
      if (!keys.includes(name) && isConstant(rows, name)) constant[name] = plain.of(value);
      else varying.push(name);
      continue;
    }
    const { literals, open } = pieces;
    const fitting: boolean[] = [];
    for (const row of rows) fitting.push(fits(row[name], pieces));
    const whole = fitting.includes(false);
    if (whole) varying.push(name);
    if (!whole && open.length === 0) constant[name] = literals[0] ?? '';
    else {
      pieced[name] = literals;
      inPieces.push({ name, open, fitting });
    }
  }
  const packed: (readonly Plain[])[] = [];
  for (const [index, row] of rows.entries()) packed.push(packRow(row, index, varying, inPieces, plain));
  return { shape: { varying, constant, pieced }, json: JSON.stringify(packed) };
}

function packRow(
  row: BulkRow<BulkColumns>,
  index: number,
  varying: readonly string[],
  inPieces: readonly PiecedColumn[],
  plain: PlainValues,
): readonly Plain[] {
  const values: Plain[] = [];
  for (const name of varying) values.push(isInHoles(name, index, inPieces) ? null : plain.of(row[name]));
  for (const { name, open, fitting } of inPieces) {
    const text = row[name];
    const own = fitting[index] === true && isPieced(text) ? text.values : null;
    // Of a row that has the whole text: what follows keeps its place.
    for (const value of open) values.push(own === null ? null : (own[value] ?? ''));
  }
  return values;
}

/** Whether a row's text of this column is told by its pieces. */
function isInHoles(name: string, index: number, inPieces: readonly PiecedColumn[]): boolean {
  for (const column of inPieces) if (column.name === name) return column.fitting[index] === true;
  return false;
}

/** The rows again, each by its columns' names; times as SQL's text. */
export function unpackRows({ constant, pieced = {}, varying }: PackedShape, json: string): readonly UnpackedRow[] {
  return (JSON.parse(json) as Plain[][]).map((values) => {
    const row: Record<string, Plain> = { ...constant };
    varying.forEach((name, index) => {
      row[name] = values[index] ?? null;
    });
    let hole = varying.length;
    for (const [name, literals] of Object.entries(pieced)) {
      const own = values.slice(hole, hole + literals.length - 1);
      hole += literals.length - 1;
      row[name] ??= literals
        .map((literal, index) => (index === 0 ? '' : String(own[index - 1] ?? '')) + literal)
        .join('');
    }
    return row;
  });
}

export type UnpackedRow = Readonly<Record<string, string | number | null>>;
