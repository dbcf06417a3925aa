import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dec, dec, toText, ZERO } from './decimal';
import type { OpenLeg } from './leader';
import { type EntryInput, type EntrySize, SIZING_MODES, sizeEntry, sizeReduction, smallestOrder } from './sizing';

fc.configureGlobal({ seed: 20_260_501 });

const btc = { contractValue: dec('0.01'), lotSize: dec('0.01'), minSize: dec('0.01'), maxMarketSize: dec(12000) };
const leg: OpenLeg = { kind: 'open', side: 'long', quantity: dec(100), percentBalance: null };

const base: EntryInput = {
  mode: 'ratio',
  value: null,
  followRatio: dec('0.1'),
  leg,
  leaderContractValue: dec('0.01'),
  instrument: btc,
  price: dec(50000),
  leverage: dec(10),
  equity: dec(10000),
  leaderEquity: dec(100000),
  stopPrice: dec(49000),
  debt: ZERO,
  forceMinimum: false,
};

function contracts(size: EntrySize): string {
  return size.ok ? toText(size.quantity) : size.code;
}

describe('sizeEntry', () => {
  it('copies 0.1 BTC of 1 BTC at follow ratio 0.1', () => {
    expect(contracts(sizeEntry(base))).toBe('10');
  });

  it('converts between contract values of two venues', () => {
    const binance = { contractValue: dec(1), lotSize: dec('0.001'), minSize: dec('0.001') };
    expect(contracts(sizeEntry({ ...base, instrument: binance }))).toBe('0.1');
  });

  it.each([
    ['equity_proportional', null, '1'],
    ['fixed_notional', '1000', '2'],
    ['fixed_margin', '100', '2'],
    ['percent_balance', '5', '10'],
    ['risk_percent', '1', '10'],
    ['fixed_quantity', '7.5', '7.5'],
  ] as const)('sizes by %s %s', (mode, value, expected) => {
    expect(contracts(sizeEntry({ ...base, mode, value: value === null ? null : dec(value) }))).toBe(expected);
  });

  it('uses the follower’s own balance when the signal is a percentage of balance', () => {
    const percent = { ...leg, percentBalance: dec('0.5') };
    expect(contracts(sizeEntry({ ...base, leg: percent }))).toBe('10');
    expect(contracts(sizeEntry({ ...base, leg: percent, mode: 'equity_proportional', equity: dec(20000) }))).toBe('20');
    expect(contracts(sizeEntry({ ...base, leg: percent, equity: null }))).toBe('EQUITY_UNKNOWN');
  });

  it('denies rather than guesses what it was not told', () => {
    expect(contracts(sizeEntry({ ...base, mode: 'risk_percent', value: dec(1), stopPrice: null }))).toBe('NO_STOP');
    expect(contracts(sizeEntry({ ...base, mode: 'fixed_margin', value: dec(1), price: null }))).toBe('PRICE_UNKNOWN');
    expect(contracts(sizeEntry({ ...base, mode: 'fixed_margin', value: null }))).toBe('NO_SIZE_SET');
    expect(contracts(sizeEntry({ ...base, mode: 'percent_balance', value: dec(1), equity: null }))).toBe(
      'EQUITY_UNKNOWN',
    );
    expect(contracts(sizeEntry({ ...base, mode: 'equity_proportional', leaderEquity: null }))).toBe(
      'LEADER_EQUITY_UNKNOWN',
    );
  });

  it('carries what is under the minimum until it becomes a lot', () => {
    const small = { ...base, leg: { ...leg, quantity: dec('0.06') } };
    const first = sizeEntry(small);
    expect(first).toMatchObject({ ok: false, code: 'BELOW_MINIMUM' });
    expect(toText(first.debtAfter)).toBe('0.006');
    const second = sizeEntry({ ...small, debt: first.debtAfter });
    expect(contracts(second)).toBe('0.01');
    expect(toText(second.debtAfter)).toBe('0.002');
  });

  it('denies a stop that lies on the wrong side, or where it is measured from', () => {
    const risk = (stop: number, over: Partial<EntryInput> = {}) =>
      contracts(sizeEntry({ ...base, mode: 'risk_percent', value: dec(1), stopPrice: dec(stop), ...over }));
    expect([risk(51000), risk(50000), risk(49000)]).toEqual(['STOP_CROSSED', 'STOP_CROSSED', '10']);
    const short = { positionSide: 'short' as const };
    expect([risk(49000, short), risk(51000, short)]).toEqual(['STOP_CROSSED', '10']);
    expect(risk(49000, { stopFrom: dec(50500) })).toBe('6.66');
  });

  it('makes no size of an equity that is none', () => {
    for (const equity of [ZERO, dec(-1)]) {
      for (const mode of ['equity_proportional', 'percent_balance', 'risk_percent'] as const) {
        const size = sizeEntry({ ...base, mode, value: dec(1), equity, debt: dec('0.004') });
        expect([contracts(size), toText(size.debtAfter)]).toEqual(['NO_EQUITY', '0.004']);
      }
      const percent = { ...leg, percentBalance: dec('0.5') };
      expect(contracts(sizeEntry({ ...base, leg: percent, equity }))).toBe('NO_EQUITY');
    }
  });

  it('forces the minimum where the follower chose so, and remembers what it gave too much', () => {
    const small = { ...base, leg: { ...leg, quantity: dec('0.06') }, forceMinimum: true };
    const first = sizeEntry(small);
    expect(first).toMatchObject({ ok: true, forcedMinimum: true });
    expect([contracts(first), toText(first.debtAfter)]).toEqual(['0.01', '-0.004']);
    const second = sizeEntry({ ...small, debt: dec('-0.01') });
    expect(contracts(second)).toBe('BELOW_MINIMUM');
  });

  it('shows its arithmetic', () => {
    expect(sizeEntry({ ...base, leg: { ...leg, quantity: dec('1.234') }, debt: dec('0.001') }).steps).toEqual([
      { label: 'ratio_times_leader', expression: '0.1 × 1.234 × 0.01 ÷ 0.01', value: '0.1234' },
      { label: 'with_rounding_debt', expression: '0.1234 + 0.001', value: '0.1244' },
      { label: 'rounded_to_lot', expression: '⌊0.1244 ÷ 0.01⌋', value: '0.12' },
      { label: 'debt_after', expression: '0.1244 − 0.12', value: '0.0044' },
    ]);
  });
});

const positive = (max: number, scale: number): fc.Arbitrary<Dec> =>
  fc.integer({ min: 1, max }).map((n) => dec(n).div(scale));
const instruments = fc
  .record({
    contractValue: fc.constantFrom('0.001', '0.01', '0.1', '1', '100'),
    lotSize: fc.constantFrom('0.01', '0.1', '1', '0.5'),
    minLots: fc.integer({ min: 1, max: 5 }),
    fraction: fc.constantFrom('0', '0.3'),
  })
  .map(({ contractValue, lotSize, minLots, fraction }) => ({
    contractValue: dec(contractValue),
    lotSize: dec(lotSize),
    // A minimum that is no multiple of the lot happens too.
    minSize: dec(lotSize).times(minLots).plus(dec(lotSize).times(fraction)),
  }));

const entries = fc
  .record({
    mode: fc.constantFrom(...SIZING_MODES),
    value: positive(10_000, 100),
    followRatio: positive(3000, 1000),
    quantity: positive(1_000_000, 1000),
    percentBalance: fc.option(positive(100, 100)),
    leaderContractValue: fc.constantFrom('0.01', '1').map((text) => dec(text)),
    instrument: instruments,
    price: positive(10_000_000, 100),
    leverage: positive(100, 1),
    equity: positive(10_000_000, 100),
    leaderEquity: positive(10_000_000, 100),
    stopPrice: positive(10_000_000, 100),
    debt: fc.integer({ min: -5000, max: 5000 }).map((n) => dec(n).div(1000)),
    forceMinimum: fc.boolean(),
  })
  .map(
    ({ quantity, percentBalance, ...rest }): EntryInput => ({
      ...rest,
      leg: { kind: 'open', side: 'long', quantity, percentBalance },
    }),
  );

describe('sizeEntry, for any input', () => {
  it('orders a multiple of the lot, at least the minimum, never above what is due unless forced', () => {
    fc.assert(
      fc.property(entries, (input) => {
        const size = sizeEntry(input);
        if (!size.ok) return;
        expect(size.quantity.mod(input.instrument.lotSize).isZero()).toBe(true);
        expect(size.quantity.gte(smallestOrder(input.instrument))).toBe(true);
        if (size.forcedMinimum) expect(input.forceMinimum).toBe(true);
        else expect(size.quantity.lte(size.exact.plus(input.debt))).toBe(true);
        expect(size.quantity.plus(size.debtAfter).eq(size.exact.plus(input.debt))).toBe(true);
      }),
    );
  });

  it('loses nothing over a sequence of adds: held + debt is the sum of what was due', () => {
    fc.assert(
      fc.property(entries, fc.array(positive(1_000_000, 100_000), { maxLength: 20 }), (input, quantities) => {
        const { followRatio, leaderContractValue, instrument } = input;
        let held = ZERO;
        let debt = ZERO;
        let due = ZERO;
        for (const quantity of quantities) {
          const add: OpenLeg = { kind: 'open', side: 'long', quantity, percentBalance: null };
          const size = sizeEntry({ ...input, mode: 'ratio', debt, leg: add });
          due = due.plus(followRatio.times(quantity).times(leaderContractValue).div(instrument.contractValue));
          if (size.ok) held = held.plus(size.quantity);
          debt = size.debtAfter;
          expect(held.plus(debt).minus(due).abs().lte('1e-16')).toBe(true);
          expect(debt.lt(smallestOrder(instrument))).toBe(true);
        }
      }),
    );
  });
});

describe('sizeReduction', () => {
  const reduce = (held: string, share: string, debt = '0', leaderFlat = false) => {
    const size = sizeReduction({ held: dec(held), share: dec(share), debt: dec(debt), instrument: btc, leaderFlat });
    return [size.ok ? toText(size.quantity) : size.code, toText(size.debtAfter)];
  };

  it('closes the share, everything for share one, and carries the rest', () => {
    expect(reduce('10', '0.2')).toEqual(['2', '0']);
    expect(reduce('10', '1', '0.004', true)).toEqual(['10', '0']);
    expect(reduce('0.05', '0.5')).toEqual(['0.02', '-0.005']);
    expect(reduce('0.01', '0.5')).toEqual(['BELOW_MINIMUM', '-0.005']);
    expect(reduce('0', '0.5', '0.008')).toEqual(['NO_POSITION', '0.004']);
    expect(reduce('0', '1', '0.008', true)).toEqual(['NO_POSITION', '0']);
  });

  it('closes a third of three as one', () => {
    const size = sizeReduction({
      held: dec(3),
      share: dec(1).div(3),
      debt: ZERO,
      instrument: { ...btc, lotSize: dec(1), minSize: dec(1) },
      leaderFlat: false,
    });
    expect(size.ok && toText(size.quantity)).toBe('1');
  });

  it('catches up with what an earlier reduction could not close', () => {
    expect(reduce('0.02', '0.5', '-0.01')).toEqual(['0.01', '-0.005']);
  });

  it('owes the share of what an entry may still add, and closes only what is held', () => {
    const entering = (held: string, share: string, leaderFlat = false) => {
      const size = sizeReduction({
        ...{ held: dec(held), entering: dec('4'), share: dec(share), debt: ZERO, instrument: btc, leaderFlat },
      });
      return [size.ok ? toText(size.quantity) : size.code, toText(size.debtAfter)];
    };
    expect(entering('10', '0.5')).toEqual(['5', '-2']);
    expect(entering('0', '0.25')).toEqual(['ENTRY_ON_ITS_WAY', '-1']);
    // Everything that is held once the leader has left has to go anyhow.
    expect(entering('0', '1', true)).toEqual(['ENTRY_ON_ITS_WAY', '0']);
    expect(entering('10', '1', true)).toEqual(['10', '0']);
  });

  it('cuts a close to what the venue takes in one order and keeps the rest as owed', () => {
    expect(reduce('13000', '1', '0', true)).toEqual(['12000', '-1000']);
  });

  it('tracks what ought to be held over any partial closes, and ends empty', () => {
    const shares = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 15 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), shares, instruments, (lots, percents, sized) => {
        const instrument = { ...sized, maxMarketSize: null };
        let held = instrument.lotSize.times(lots);
        let debt = ZERO;
        let due = held;
        for (const percent of percents) {
          const share = dec(percent).div(100);
          due = due.times(dec(1).minus(share));
          const size = sizeReduction({ held, share, debt, instrument, leaderFlat: false });
          if (size.ok) {
            expect(size.quantity.lte(held)).toBe(true);
            expect(size.quantity.mod(instrument.lotSize).isZero()).toBe(true);
            held = held.minus(size.quantity);
          }
          debt = size.debtAfter;
          expect(debt.lte(0)).toBe(true);
          expect(held.plus(debt).minus(due).abs().lte('1e-15')).toBe(true);
        }
        const last = sizeReduction({ held, share: dec(1), debt, instrument, leaderFlat: true });
        if (held.gt(0)) {
          expect(last.ok && last.quantity.eq(held)).toBe(true);
          expect(last.debtAfter.isZero()).toBe(true);
        }
      }),
    );
  });
});
