import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseInput, readQuery } from './input';

describe('readQuery', () => {
  it('does not take a name that every object has for one that was given twice', () => {
    const query = readQuery(new URL('http://127.0.0.1/?toString=a&limit=5'));
    expect(Object.entries(query)).toEqual([
      ['toString', 'a'],
      ['limit', '5'],
    ]);
    expect(() => readQuery(new URL('http://127.0.0.1/?limit=5&limit=6'))).toThrow('limit: is given twice');
  });
});

describe('parseInput', () => {
  it('points at a field whose name is empty', () => {
    expect(() => parseInput(z.strictObject({}), { '': 1 })).toThrow(
      expect.objectContaining({ message: '"": is not a known field', extra: expect.objectContaining({ field: '""' }) }),
    );
  });
});
