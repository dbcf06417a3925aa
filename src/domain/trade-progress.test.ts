import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, ZERO } from './decimal';
import { IllegalTransitionError, type TradeStatus } from './order-state';
import { advanceTrade, isSettled, type TradeProgress, type VenueReport } from './trade-progress';

const QUANTITY = dec(10);

function progress(status: TradeStatus, filled = '0'): TradeProgress {
  const filledQuantity = dec(filled);
  return { status, filledQuantity, filledValue: filledQuantity.times(100), fee: ZERO, venueOrderId: 'order' };
}

function report(state: VenueReport['state'], filled = '0'): VenueReport {
  const filledQuantity = dec(filled);
  return {
    state,
    filledQuantity,
    filledValue: filledQuantity.times(100),
    fee: filledQuantity.neg(),
    venueOrderId: 'order',
  };
}

describe('advanceTrade', () => {
  it('follows an order from its placement to its end', () => {
    expect(advanceTrade(QUANTITY, progress('planned'), report('live')).status).toBe('live');
    expect(advanceTrade(QUANTITY, progress('live'), report('partially_filled', '4')).status).toBe('partially_filled');
    expect(advanceTrade(QUANTITY, progress('partially_filled', '4'), report('filled', '10')).status).toBe('filled');
  });

  it('takes a fill that comes before the acknowledgement', () => {
    expect(advanceTrade(QUANTITY, progress('unknown'), report('filled', '10')).status).toBe('filled');
  });

  it('ignores what it has heard before', () => {
    const filled = progress('filled', '10');
    expect(advanceTrade(QUANTITY, filled, report('filled', '10'))).toBe(filled);
    expect(advanceTrade(QUANTITY, filled, report('live'))).toBe(filled);
    expect(advanceTrade(QUANTITY, filled, report('partially_filled', '4'))).toBe(filled);
  });

  it('counts a fill that is reported after the cancel', () => {
    const canceled = progress('canceled', '4');
    const later = advanceTrade(QUANTITY, canceled, report('partially_filled', '6'));
    expect(later.status).toBe('canceled');
    expect(later.filledQuantity.toFixed()).toBe('6');
    expect(advanceTrade(QUANTITY, later, report('filled', '10')).status).toBe('filled');
  });

  it.each(['rejected', 'expired'] as const)('counts what the venue has although it was recorded as %s', (status) => {
    expect(advanceTrade(QUANTITY, progress(status), report('live')).status).toBe('live');
    const filled = advanceTrade(QUANTITY, progress(status), report('filled', '10'));
    expect([filled.status, filled.filledQuantity.toFixed(), filled.filledValue.toFixed()]).toEqual([
      'filled',
      '10',
      '1000',
    ]);
    const partly = advanceTrade(QUANTITY, progress(status), report('canceled', '4'));
    expect([partly.status, partly.filledQuantity.toFixed()]).toEqual(['canceled', '4']);
  });

  it('does not accept an order that was never sent', () => {
    expect(() => advanceTrade(QUANTITY, progress('denied'), report('live'))).toThrow(IllegalTransitionError);
    expect(() => advanceTrade(QUANTITY, progress('denied'), report('filled', '10'))).toThrow(IllegalTransitionError);
  });

  it('comes to the same end whatever the order and the repeats of the reports', () => {
    const story = [
      report('live'),
      report('partially_filled', '3'),
      report('partially_filled', '7'),
      report('filled', '10'),
    ];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 0, 1, 2, 3], { minLength: 4 }).filter((order) => order.includes(3)),
        (order) => {
          let trade = progress('planned');
          let most = ZERO;
          for (const index of order) {
            trade = advanceTrade(QUANTITY, trade, story[index] ?? report('live'));
            expect(trade.filledQuantity.gte(most)).toBe(true);
            most = trade.filledQuantity;
          }
          expect(trade.status).toBe('filled');
          expect(trade.filledValue.toFixed()).toBe('1000');
        },
      ),
      { seed: 7 },
    );
  });
});

describe('isSettled', () => {
  it('lets a limit order rest, and waits for a market order', () => {
    expect(isSettled('live', 'limit')).toBe(true);
    expect(isSettled('live', 'market')).toBe(false);
    expect(isSettled('unknown', 'limit')).toBe(false);
    expect(isSettled('expired', 'market')).toBe(true);
  });
});
