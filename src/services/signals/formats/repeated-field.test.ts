import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedField } from './repeated-field';

describe('repeatedField', () => {
  it.each([
    ['{"action":"open","action":"close"}', 'action'],
    ['{"action":"open","side":"long","\\u0061ction":"close"}', 'action'],
    ['{"a\\"b":1,"a\\u0022b":2}', 'a"b'],
    ['{"a/b":1,"a\\/b":2}', 'a/b'],
    ['{"quantity":{"unit":"base","value":"1","value":"2"}}', 'quantity.value'],
    ['{"x":[{"a":1},{"b":1,"b":2}]}', 'x.1.b'],
    ['{"x":[[1,2],{"b":[],"b":{}}]}', 'x.1.b'],
    ['{"a":{"a":1},"a":2}', 'a'],
    ['{ "a" : 1 ,\n\t"a" : 2 }', 'a'],
    ['{"":1,"":2}', '""'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"a":"x","b":"\\\\","a":1}', 'a'],
  ])('names the field that stands twice in %s', (json, path) => {
    JSON.parse(json);
    expect(repeatedField(json)).toBe(path);
  });

  it.each([
    '{"action":"open","side":"long"}',
    '{"a":{"a":{"a":1}},"b":{"a":1}}',
    '{"a":"a","b":"a","c":["a","a","c"]}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"\\\\","b":"\\"a\\":"}',
    '{"A":1,"a":2}',
    '{"a\\\\u0062":1,"ab":2}',
    '{}',
    '[]',
    '"a"',
    '1',
  ])('finds nothing in %s', (json) => {
    JSON.parse(json);
    expect(repeatedField(json)).toBeNull();
  });

  it('finds nothing in anything that was written from a value, and always what is written twice', () => {
    const text = fc.string({ maxLength: 6 });
    const value = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 4 });
    fc.assert(
      fc.property(value, text, (inner, name) => {
        const [field, json] = [JSON.stringify(name), JSON.stringify(inner)];
        const twice = `{${field}:${json},"other":[${json}],${field}:${json}}`;
        return repeatedField(json) === null && repeatedField(twice) !== null;
      }),
      { numRuns: 50 },
    );
  });

  it('takes time in proportion to the text, however it is nested', () => {
    // Anything quadratic would not end within the time of a test.
    const size = 400_000;
    for (const json of [
      `${'['.repeat(size)}${']'.repeat(size)}`,
      `{"a":"${'\\\\'.repeat(size)}"}`,
      `{${Array.from({ length: size / 8 }, (_, at) => `"${at}":1`).join(',')}}`,
    ]) {
      expect(repeatedField(json)).toBeNull();
    }
  });
});
