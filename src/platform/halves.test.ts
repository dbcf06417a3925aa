import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inHalves } from './halves';

class FaultError extends Error {}
const isFault = (error: unknown) => error instanceof FaultError;

describe('doing something in halves', () => {
  it('does it with all but those at fault, in their order, and names these', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 70 }), async (faults) => {
        const items = faults.map((bad, index) => ({ index, bad }));
        const done: number[] = [];
        let calls = 0;
        const aside = await inHalves(
          items,
          async (some) => {
            calls += 1;
            if (some.some(({ bad }) => bad)) throw new FaultError();
            done.push(...some.map(({ index }) => index));
          },
          isFault,
        );
        expect(done).toEqual(items.filter(({ bad }) => !bad).map(({ index }) => index));
        expect(aside.map(({ item }) => item)).toEqual(items.filter(({ bad }) => bad));
        const bad = aside.length;
        if (bad === 0) expect(calls).toBe(items.length === 0 ? 0 : 1);
        if (bad === 1) expect(calls).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(items.length + 1)));
      }),
    );
  });

  it('lets through what lies in no item', async () => {
    const away = new Error('away');
    let calls = 0;
    const act = async () => {
      calls += 1;
      throw away;
    };
    await expect(inHalves([1, 2, 3], act, isFault)).rejects.toBe(away);
    expect(calls).toBe(1);
  });
});
