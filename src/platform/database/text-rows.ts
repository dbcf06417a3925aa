import { type Dec, dec } from '@/domain/decimal';
import { Prisma } from './generated/client';

/**
 * Rows of many columns read as one text each: the driver and the client spend their time on every single value of a result, and a hot
 * read has tens of thousands of them. For ids, names of states, numbers, times and codes; not for free text.
 */
const SEPARATOR = '\t';
/** Between the values of a text that is itself one column. */
const INNER_SEPARATOR = '\u001f';
/** No value of these kinds is a lone hyphen. */
const NULL_MARK = '-';

/** What a read row offers: SQL's own text of each column, null where it is NULL. */
export type TextRow<Name extends string> = Readonly<Record<Name, string | null>>;

type SqlOf<Name extends string> = Readonly<Record<Name, string>>;

/** @param columns SQL expression of each name */
export function textRows<Name extends string>(columns: SqlOf<Name>) {
  const { sql, parse } = textOf(columns, SEPARATOR);
  return {
    /** What to select. */
    columns: Prisma.raw(`${sql} AS \`row\``),
    /** Throws when a value held the separator: a shifted row would be read as another one. */
    read: ({ row }: { readonly row: string }): TextRow<Name> => parse(row),
    /** The values of the first so many columns, as they stand in a row that could not be read. */
    first: ({ row }: { readonly row: string }, count: number): readonly string[] => row.split(SEPARATOR, count),
  };
}

/** Some columns as one value of a text row: for what is the same in many rows, and is then understood once. */
export function innerText<Name extends string>(columns: SqlOf<Name>) {
  return textOf(columns, INNER_SEPARATOR);
}

function textOf<Name extends string>(columns: SqlOf<Name>, separator: string) {
  const names = Object.keys(columns) as Name[];
  // Copied for each row: an object that grows name by name is moved again and again.
  const blank = Object.fromEntries(names.map((name) => [name, null])) as Record<string, string | null>;
  const values = names.map((name) => `IFNULL(${columns[name]}, '${NULL_MARK}')`);
  return {
    sql: `CONCAT_WS('${separator}', ${values.join(', ')})`,
    parse(row: string): TextRow<Name> {
      const texts = row.split(separator);
      if (texts.length !== names.length) throw new Error(`A row has ${texts.length} values instead of ${names.length}`);
      const read = { ...blank };
      for (let index = 0; index < names.length; index += 1) {
        const text = texts[index];
        if (text !== undefined && text !== NULL_MARK) read[names[index] as string] = text;
      }
      return read as TextRow<Name>;
    },
  };
}

/** A value that cannot be NULL. */
export function required<Name extends string>(row: TextRow<Name>, name: Name): string {
  const text = row[name];
  if (text === null) throw new Error(`${name} is NULL`);
  return text;
}

/** Makes the numbers of one read: many rows have the same few, and each is made once. */
export class NumberReader {
  readonly #known = new Map<string, Dec>();

  /** @param text as SQL writes a number */
  of(text: string): Dec {
    let value = this.#known.get(text);
    if (value === undefined) {
      value = dec(withoutZeros(text));
      this.#known.set(text, value);
    }
    return value;
  }
}

/** SQL pads a number with zeros to the scale of its column; each of them would be read as a digit. */
function withoutZeros(text: string): string {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  return text.slice(0, text.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

/** Epoch milliseconds of SQL's text of a time in UTC. */
export function timeOfText(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** MySQL's notation of a moment in UTC: "2026-01-31 12:00:00.123". */
export function sqlTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}
