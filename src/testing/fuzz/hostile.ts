import fc from 'fast-check';

/** What no field for money may take, a number or not: neither as JSON text nor, where JSON knows it, as a bare number. */
export const BAD_MONEY = [
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  '1e5',
  '1E5',
  '1e-7',
  '1.5e+300',
  '+1',
  '+0.5',
  '--1',
  '1-',
  '007',
  '00',
  '01.5',
  '-01',
  '1.',
  '.5',
  '1..2',
  '1,000',
  '1 000',
  '1_000',
  '0x10',
  '0b1',
  '1n',
  '$1',
  '1%',
  '½',
  '１',
  '١',
  '−1',
  '1\u0000',
  '1'.repeat(40),
  `${'9'.repeat(40)}.5`,
  `0.${'1'.repeat(40)}`,
  `0.${'0'.repeat(18)}1`,
  '1000000000000000000',
  '999999999999999999',
  '999999999999999999.999999999999999999',
  `0.${'0'.repeat(10_000)}1`,
  '-1',
  '-0.5',
  '9'.repeat(5_000),
] as const;

/** Names that mean something to JavaScript, and no field of ours. */
export const PROTOTYPE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
] as const;

const AWKWARD_TEXT = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '😀'.repeat(60),
  'é'.repeat(101),
  '\u202e\u200b\ufeff',
  '{{ticker}}',
  "' OR 1=1 -- ",
  '%',
  '\\',
  'null',
  'undefined',
  'true',
  'x'.repeat(101),
  'x'.repeat(201),
  'x'.repeat(3_000),
  '0'.repeat(32),
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00.000Z',
  '2026-02-30T00:00:00.000Z',
  '275760-09-13T00:00:00.001Z',
] as const;

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...AWKWARD_TEXT) },
  { weight: 4, arbitrary: fc.constantFrom(...BAD_MONEY) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 120 }) },
  { weight: 1, arbitrary: fc.constantFrom(...PROTOTYPE_KEYS) },
);

const hostileNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, 1e40),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const hostileKey = fc.oneof(fc.constantFrom(...PROTOTYPE_KEYS), fc.string({ maxLength: 70 }));

/** Any JSON value that a field does not expect. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: hostileText },
  { weight: 3, arbitrary: hostileNumber },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false) },
  { weight: 1, arbitrary: fc.constantFrom([], {}, [[]], [null], { length: 1 }, { enabled: true }) },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(hostileKey, { maxLength: 4 }).map(objectOfKeys) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 8 }) },
);

/** Own properties all, `__proto__` as well: what JSON.parse makes of such a text. */
function objectOfKeys(keys: readonly string[]): unknown {
  return JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:1`).join(',')}}`);
}

type Path = readonly (string | number)[];

/** Every place inside a JSON value, the whole of it apart. */
export function pathsOf(value: unknown, base: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [[...base, key], ...pathsOf(child, [...base, key])]);
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

/** A copy of `value` with `next` at `path`; undefined takes the field away. */
export function withValueAt(value: unknown, path: Path, next: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  const entries = Object.entries(value as object);
  const replaced = rest.length === 0 ? next : withValueAt((value as Record<string, unknown>)[key], rest, next);
  const kept = entries.filter(([name]) => name !== key);
  const changed = replaced === undefined ? kept : [...kept, [key, replaced] as const];
  if (Array.isArray(value)) return changed.map(([, item]) => item);
  return Object.defineProperties(
    {},
    Object.fromEntries(changed.map(([name, item]) => [name, { value: item, enumerable: true, configurable: true }])),
  );
}

type Edit = {
  readonly at: number;
  readonly kind: 'replace' | 'drop' | 'extend' | 'wrap';
  readonly value: unknown;
  readonly key: string;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(60),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'drop', 'extend', 'wrap'),
  value: hostileValue,
  key: hostileKey,
});

/** A valid JSON value with up to three wounds. */
export function wounded(valid: fc.Arbitrary<unknown>, least = 0): fc.Arbitrary<unknown> {
  return fc
    .tuple(valid, fc.array(edit, { minLength: least, maxLength: 3 }))
    .map(([value, edits]) => edits.reduce(apply, value));
}

function apply(value: unknown, { at, kind, value: next, key }: Edit): unknown {
  const paths = pathsOf(value);
  const path = paths[at % Math.max(1, paths.length)];
  if (kind === 'extend' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return withValueAt(value, [key], next);
  }
  if (path === undefined) return next;
  if (kind === 'drop') return withValueAt(value, path, undefined);
  return withValueAt(value, path, kind === 'wrap' ? [valueAt(value, path)] : next);
}

/** What becomes of a JSON text between sender and receiver, or at the hands of somebody who writes his own. */
const textWound: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 12, arbitrary: fc.constant((text: string) => text) },
  { weight: 2, arbitrary: fc.nat(400).map((at) => (text: string) => text.slice(0, at)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(400), hostileText).map(
      ([at, more]) =>
        (text: string) =>
          text.slice(0, at) + more + text.slice(at),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(400), fc.nat(8)).map(
      ([at, length]) =>
        (text: string) =>
          text.slice(0, at) + text.slice(at + length),
    ),
  },
  // The same key twice, the second of them hostile.
  {
    weight: 2,
    arbitrary: hostileValue.map(
      (value) => (text: string) =>
        text.replace(/^\{("(?:[^"\\]|\\.)*"):/, (all, key) => `{${key}:${JSON.stringify(value)},${all.slice(1)}`),
    ),
  },
  // A bare number, as long and as odd as JSON allows, in the place of some text.
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(20), fc.constantFrom('1e999', '-0', '1E+400', '1'.repeat(400), '0.1e-400', '-1'))
      .map(([at, number]) => (text: string) => {
        let met = 0;
        return text.replace(/:"[^"]*"/g, (all) => (met++ === at % 8 ? `:${number}` : all));
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(10, 500, 20_000)
      .map((depth) => (text: string) => '['.repeat(depth) + text + ']'.repeat(depth)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(10, 500, 10_000)
      .map((depth) => (text: string) => '{"a":'.repeat(depth) + text + '}'.repeat(depth)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(65_000, 65_400, 65_535, 65_536, 65_537, 200_000)
      .map((length) => (text: string) => text.padEnd(length, ' ')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      (text: string) => `\ufeff${text}`,
      (text: string) => text + text,
      (text: string) => `// ${text}`,
      (text: string) => text.replaceAll('"', "'"),
    ),
  },
);

/** The JSON text of a value, most of the time whole. */
export function asText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.tuple(value, textWound).map(([json, wound]) => wound(JSON.stringify(json) ?? ''));
}
