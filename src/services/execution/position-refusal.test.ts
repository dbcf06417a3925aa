import { describe, expect, it } from 'vitest';
import { saysNothingHeld } from './position-refusal';

describe('a refused close', () => {
  it.each(['51023', '51169'])('says with %s that nothing is held', (code) => {
    expect(saysNothingHeld(code)).toBe(true);
  });

  it.each(['51112', '51170', '51008', '51000', '50001', ''])('leaves open with %s what is held', (code) => {
    expect(saysNothingHeld(code)).toBe(false);
  });
});
