import { expect, it } from 'vitest';
import { Patience } from './patience';

it.each([
  ['is as given where no venue goes', [], 1030],
  ['begins anew while a venue is gone', [1020], 1050],
  ['ends so long after the signal became too old', [1020, 1090, 1200], 1130],
  ['is never shortened', [1020, 1010], 1050],
])('%s', (_name, outages, until) => {
  const patience = new Patience(30, 1100, 1000);
  for (const at of outages) patience.lengthen(at);
  expect(patience.until).toBe(until);
});
