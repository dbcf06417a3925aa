import { describe, expect, it } from 'vitest';
import { dec, toText } from './decimal';
import {
  findLevelProblem,
  followerLevels,
  isCovered,
  NO_LEVELS,
  nextStep,
  type ProtectionStanding,
  type ProtectiveOrder,
  setsLevels,
  wantedProtection,
} from './protection';
import type { TriggerLevel } from './signal';

const price = (value: string): TriggerLevel => ({ unit: 'price', value });
const percent = (value: string): TriggerLevel => ({ unit: 'percent', value });
const tick = { tickSize: dec('0.1'), maxMarketSize: null };

function shown(order: ProtectiveOrder | null): string {
  if (order === null) return 'none';
  const { quantity, stopPrice, takePrice } = order;
  return `${toText(quantity)} stop ${stopPrice?.toFixed() ?? '–'} take ${takePrice?.toFixed() ?? '–'}`;
}

describe('levels of a follower', () => {
  it("are the signal's own", () => {
    const levels = followerLevels({ stopLoss: price('48000'), takeProfit: percent('10') }, false);
    expect(levels.stopPrice?.toFixed()).toBe('48000');
    expect(levels.takeShare?.toFixed()).toBe('0.1');
    expect([levels.stopShare, levels.takePrice]).toEqual([null, null]);
  });

  it('change places for who copies in reverse', () => {
    const levels = followerLevels({ stopLoss: price('48000'), takeProfit: percent('10') }, true);
    expect(levels.takePrice?.toFixed()).toBe('48000');
    expect(levels.stopShare?.toFixed()).toBe('0.1');
  });

  it.each([
    [{ action: 'open' as const }, false],
    [{ action: 'open' as const, stopLoss: null, takeProfit: null }, false],
    [{ action: 'open' as const, takeProfit: price('1') }, true],
    [{ action: 'protect' as const }, true],
  ])('are set by %j: %s', (intent, expected) => expect(setsLevels(intent)).toBe(expected));
});

describe('the order that a position should have', () => {
  const of = (
    levels: Partial<typeof NO_LEVELS>,
    side: 'long' | 'short',
    quantity = '3',
    entry: string | null = '100',
  ) =>
    shown(wantedProtection({ ...NO_LEVELS, ...levels }, side, dec(quantity), entry === null ? null : dec(entry), tick));

  it('lies on the losing and on the winning side of the entry', () => {
    const shares = { stopShare: dec('0.0525'), takeShare: dec('0.1') };
    expect(of(shares, 'long')).toBe('3 stop 94.8 take 110');
    expect(of(shares, 'short')).toBe('3 stop 105.3 take 90');
  });

  it('is no larger than what the venue takes in one market order', () => {
    const levels = { ...NO_LEVELS, stopPrice: dec(90) };
    const of = (held: string) =>
      shown(wantedProtection(levels, 'long', dec(held), dec(100), { ...tick, maxMarketSize: dec(5) }));
    expect([of('4'), of('5'), of('12')]).toEqual(['4 stop 90 take –', '5 stop 90 take –', '5 stop 90 take –']);
  });

  it('takes prices as they are, rounded to the tick', () => {
    expect(of({ stopPrice: dec('95.04') }, 'long')).toBe('3 stop 95 take –');
  });

  it('is none without levels, without a position, or where the price could never be reached', () => {
    expect(of({}, 'long')).toBe('none');
    expect(of({ stopPrice: dec('95') }, 'long', '0', null)).toBe('none');
    expect(of({ stopShare: dec('1.5') }, 'long')).toBe('none');
  });
});

describe('the next step', () => {
  const order = (quantity: string, stop: string | null, take: string | null = null): ProtectiveOrder => ({
    quantity: dec(quantity),
    stopPrice: stop === null ? null : dec(stop),
    takePrice: take === null ? null : dec(take),
  });
  const standing = (over: Partial<ProtectionStanding>): ProtectionStanding => ({
    request: 'place',
    confirmed: true,
    asked: order('3', '95'),
    ended: false,
    ...over,
  });

  it.each([
    ['places what is wanted and not there', order('3', '95'), standing({ request: 'none' }), 'place'],
    ['rests where nothing is wanted and nothing is there', null, standing({ request: 'none' }), 'rest'],
    ['rests where what stands is what is wanted', order('3', '95'), standing({}), 'rest'],
    ['changes the quantity with the position', order('2', '95'), standing({ request: 'change' }), 'change'],
    ['moves the price', order('3', '96'), standing({}), 'change'],
    ['takes the order back when the position is gone', null, standing({}), 'cancel'],
    ['takes it back when a take-profit comes', order('3', '95', '110'), standing({}), 'cancel'],
    [
      'takes it back when a stop-loss goes',
      order('3', null, '110'),
      standing({ asked: order('3', '95', '110') }),
      'cancel',
    ],
    ['asks before anything else when an outcome is unknown', order('2', '96'), standing({ confirmed: false }), 'ask'],
    ['asks what became of a cancel', order('3', '95'), standing({ request: 'cancel' }), 'ask'],
    ['asks for the order that a trigger made', order('3', '95'), standing({ request: 'spent' }), 'ask'],
    ['forgets an order that ended', order('3', '95'), standing({ ended: true, confirmed: false }), 'forget'],
  ] as const)('%s', (_name, wanted, stands, expected) => expect(nextStep(wanted, stands)).toBe(expected));

  it.each([
    ['has its order where the venue has confirmed it', order('3', '95'), standing({}), true],
    ['needs none', null, standing({ request: 'none' }), true],
    ['lacks one that was not placed', order('3', '95'), standing({ request: 'none' }), false],
    ['lacks one whose outcome is unknown', order('3', '95'), standing({ confirmed: false }), false],
    ['lacks its own where another size stands', order('4', '95'), standing({}), false],
    ['lacks its own where another price stands', order('3', '96'), standing({}), false],
    ['lacks one that has ended', order('3', '95'), standing({ ended: true }), false],
  ] as const)('knows that a position %s', (_name, wanted, stands, expected) =>
    expect(isCovered(wanted, stands)).toBe(expected),
  );
});

describe('prices of a signal', () => {
  it.each([
    ['long', '100', price('95'), price('110'), null],
    ['long', '100', price('100'), null, 'stopLoss'],
    ['long', '100', null, price('99'), 'takeProfit'],
    ['long', null, price('110'), price('95'), 'stopLoss'],
    ['short', '100', price('105'), price('90'), null],
    ['short', '100', price('95'), null, 'stopLoss'],
    ['short', '100', null, price('101'), 'takeProfit'],
    ['short', null, price('90'), price('105'), 'stopLoss'],
    ['long', '100', percent('5'), percent('5'), null],
  ] as const)('of a %s at %s, stop %j, take-profit %j: wrong is %s', (side, entry, stop, take, field) => {
    expect(findLevelProblem(side, entry, stop, take)?.field ?? null).toBe(field);
  });
});
