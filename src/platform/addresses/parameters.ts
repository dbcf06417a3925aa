import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** A parameter may have several names: those of different clients. The first one is told in messages. */
type Names = readonly [string, ...string[]];

/**
 * What stands behind the `?` of an address. Each value is asked for by its names, and at the end `finish` refuses what nobody
 * asked for: a setting that is not understood must not be dropped. Messages never contain values, only names.
 */
export class AddressParameters {
  readonly #values: URLSearchParams;
  readonly #known: string[] = [];

  /** @param wrong makes the errors that are thrown here */
  constructor(
    values: URLSearchParams,
    readonly wrong: (message: string) => Error,
  ) {
    this.#values = values;
  }

  text(...names: Names): string | undefined {
    this.#known.push(...names);
    const given = names.flatMap((name) => this.#values.getAll(name));
    if (given.length > 1) throw this.wrong(`gives ${names[0]} more than once`);
    if (given[0] === '') throw this.wrong(`gives ${names[0]} without a value`);
    return given[0];
  }

  flag(...names: Names): boolean | undefined {
    const value = this.choice(['true', 'false'], ...names);
    return value === undefined ? undefined : value === 'true';
  }

  /** One of these words, in small or capital letters. */
  choice<Word extends string>(words: readonly Word[], ...names: Names): Word | undefined {
    const value = this.text(...names);
    if (value === undefined) return undefined;
    const word = words.find((known) => known === value.toLowerCase());
    if (word === undefined) throw this.wrong(`needs ${words.join(', ')} as the value of ${names[0]}`);
    return word;
  }

  /** A whole number within bounds. */
  whole(least: number, most: number, ...names: Names): number | undefined {
    const value = this.text(...names);
    if (value === undefined) return undefined;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw this.wrong(`needs a whole number from ${least} to ${most} as the value of ${names[0]}`);
  }

  /** The content of a file. Its path is absolute, so that every program finds the same one, wherever it was started. */
  file(...names: Names): Buffer | undefined {
    const path = this.path(...names);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw this.wrong(`names a file with ${names[0]} that cannot be read: ${(error as Error).message}`);
    }
  }

  path(...names: Names): string | undefined {
    const path = this.text(...names);
    if (path !== undefined && !isAbsolute(path)) throw this.wrong(`needs an absolute path as the value of ${names[0]}`);
    return path;
  }

  /** Call it when everything has been asked for. Throws where a parameter is left. */
  finish(): void {
    for (const name of this.#values.keys()) {
      if (this.#known.includes(name)) continue;
      // The rest of a password that was not escaped may stand where a name is expected.
      const shown = /^[\w-]{1,40}$/.test(name) ? `the parameter ${name}` : 'a parameter';
      throw this.wrong(`has ${shown} that is not known here. Known are ${this.#known.join(', ')}`);
    }
  }
}
