import { describe, expect, it } from 'vitest';
import { BOUNDS, type BoundName, outOfBounds } from './bounds';
import { DECIMAL_STRING, dec, toText } from './decimal';

const NAMES = Object.keys(BOUNDS) as BoundName[];

describe.each(NAMES)('the bound of %s', (name) => {
  const { least, most } = BOUNDS[name];

  it('takes its ends, and names them for what lies beyond', () => {
    expect([outOfBounds(name, least), outOfBounds(name, most)]).toEqual([null, null]);
    const beyond = `must be between ${toText(least)} and ${toText(most)}`;
    const step = dec('0.000000000000000001');
    for (const value of [least.minus(step), most.plus(step), dec('999999999999999999'), dec(-1)]) {
      expect(outOfBounds(name, value)).toBe(beyond);
    }
  });

  it('takes nothing that is no number', () => {
    for (const value of [dec(0).div(0), dec(1).div(0), dec(-1).div(0)]) expect(outOfBounds(name, value)).not.toBeNull();
  });

  it('is told as plain decimals', () => {
    expect([least, most].map(toText).every((text) => DECIMAL_STRING.test(text))).toBe(true);
  });
});
