import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dec, dec, ZERO } from './decimal';
import { type Booked, canRepair, divideHeld, findDrift, type Held, jointPolicy } from './drift';

const LOT = dec('0.01');
const book = (side: 'long' | 'short', quantity: string, subscriptionId = 'a'): Booked => ({
  subscriptionId,
  side,
  quantity: dec(quantity),
});
const at = (side: 'long' | 'short', quantity: string): Held => ({ side, quantity: dec(quantity) });
const told = (...args: Parameters<typeof findDrift>) =>
  findDrift(...args).map(({ side, kind, booked, held }) => `${side} ${kind} ${booked.toFixed()} ${held.toFixed()}`);

describe('findDrift', () => {
  it('sees nothing where books and venue agree', () => {
    expect(told('net', [book('long', '1'), book('long', '2', 'b')], [at('long', '3')])).toEqual([]);
    expect(told('net', [book('short', '1')], [at('short', '1')])).toEqual([]);
    expect(told('net', [], [])).toEqual([]);
    expect(told('long_short', [book('long', '1'), book('short', '2')], [at('short', '2'), at('long', '1')])).toEqual(
      [],
    );
  });

  it('names what the venue lost, and what is not ours', () => {
    expect(told('net', [book('long', '3')], [at('long', '2')])).toEqual(['long missing 3 2']);
    expect(told('net', [book('short', '3')], [])).toEqual(['short ghost 3 0']);
    expect(told('net', [book('long', '3')], [at('long', '5')])).toEqual(['long extra 3 5']);
    expect(told('net', [], [at('short', '5')])).toEqual(['short extra 0 5']);
    expect(told('net', [book('long', '3')], [at('short', '1')])).toEqual(['long size 3 1']);
  });

  it('looks at each side of a long/short account by itself', () => {
    expect(told('long_short', [book('long', '3'), book('short', '1')], [at('long', '2'), at('short', '4')])).toEqual([
      'long missing 3 2',
      'short extra 1 4',
    ]);
  });

  it('adds up subscriptions on both sides of a net account, and does not repair such', () => {
    const booked = [book('long', '5'), book('short', '2', 'b')];
    expect(told('net', booked, [at('long', '3')])).toEqual([]);
    const [drift] = findDrift('net', booked, [at('long', '1')]);
    expect(drift).toMatchObject({ side: 'long', kind: 'missing' });
    expect(drift && canRepair(drift, booked)).toBe(false);
  });

  const sizes = fc.integer({ min: 0, max: 5000 }).map((lots) => LOT.times(lots));
  const side = fc.constantFrom('long' as const, 'short' as const);
  const positions = fc.array(fc.record({ side, quantity: sizes }), { maxLength: 4 });
  const named = (list: readonly { side: 'long' | 'short'; quantity: Dec }[]): Booked[] =>
    list.map((position, index) => ({ ...position, subscriptionId: `s${index}` }));

  it('is silent exactly when the sums are the same', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('net' as const, 'long_short' as const),
        positions,
        positions,
        (mode, ours, theirs) => {
          const sum = (list: readonly { side: string; quantity: Dec }[], on: string) =>
            list.filter((p) => p.side === on).reduce((all, p) => all.plus(p.quantity), ZERO);
          const [ol, os, tl, ts] = [sum(ours, 'long'), sum(ours, 'short'), sum(theirs, 'long'), sum(theirs, 'short')];
          const same = mode === 'net' ? ol.minus(os).eq(tl.minus(ts)) : ol.eq(tl) && os.eq(ts);
          expect(findDrift(mode, named(ours), theirs).length === 0).toBe(same);
        },
      ),
    );
  });

  it('offers a repair only where the venue holds less, and never of what is extra', () => {
    fc.assert(
      fc.property(positions, positions, (ours, theirs) => {
        for (const drift of findDrift('net', named(ours), theirs)) {
          if (canRepair(drift, named(ours))) expect(drift.held.lt(drift.booked)).toBe(true);
        }
      }),
    );
  });
});

describe('divideHeld', () => {
  it('divides in proportion, in whole lots', () => {
    const parts = divideHeld([book('long', '10'), book('long', '20', 'b')], dec('15'), LOT);
    expect(parts.map((part) => part.quantity.toFixed())).toEqual(['5', '10']);
    const uneven = divideHeld([book('long', '1'), book('long', '1', 'b'), book('long', '1', 'c')], dec('1'), LOT);
    expect(uneven.map((part) => part.quantity.toFixed())).toEqual(['0.34', '0.33', '0.33']);
  });

  it('leaves books alone that the venue covers', () => {
    const booked = [book('long', '1')];
    expect(divideHeld(booked, dec('1'), LOT)).toBe(booked);
    expect(divideHeld(booked, dec('7'), LOT)).toBe(booked);
  });

  it('adds up to what is held, takes from each at most what he has, and gives nobody more', () => {
    const lots = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lots, fc.nat(10_000), (quantities, heldLots) => {
        const booked = quantities.map((n, index) => book('long', LOT.times(n).toFixed(), `s${index}`));
        const all = booked.reduce((sum, position) => sum.plus(position.quantity), ZERO);
        const held = LOT.times(heldLots);
        const after = divideHeld(booked, held, LOT);
        const sum = after.reduce((total, position) => total.plus(position.quantity), ZERO);
        expect(sum.toFixed()).toBe((held.lt(all) ? held : all).toFixed());
        after.forEach((position, index) => {
          const before = booked[index]?.quantity ?? ZERO;
          expect(position.quantity.gte(0) && position.quantity.lte(before)).toBe(true);
          if (held.lt(all)) {
            const exact = before.times(held).div(all);
            expect(position.quantity.minus(exact).abs().lt(LOT)).toBe(true);
          }
        });
      }),
    );
  });
});

describe('jointPolicy', () => {
  it('repairs only where everybody agreed', () => {
    expect(jointPolicy(['repair', 'repair'])).toBe('repair');
    expect(jointPolicy(['repair', 'alert'])).toBe('alert');
    expect(jointPolicy(['repair', 'off'])).toBe('alert');
    expect(jointPolicy(['off', 'off'])).toBe('off');
    expect(jointPolicy([])).toBe('off');
  });
});
