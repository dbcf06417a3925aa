import { describe, expect, it } from 'vitest';
import { dec } from '@/domain/decimal';
import { settlePrice, toBalance } from './balance';
import { balanceSchema } from './schema';

const read = (row: object) => balanceSchema.parse({ uTime: '5', ...row });

const USDT = { ccy: 'USDT', eq: '100.5', availEq: '90', availBal: '80', eqUsd: '100.4', coinUsdPrice: '0.999' };
const BTC = { ccy: 'BTC', eq: '1', availEq: '1', availBal: '1', eqUsd: '60000', coinUsdPrice: '60000' };

describe('the balance of an account in futures mode', () => {
  const mode = { adjEq: '', availEq: '' };

  it('does not believe what nobody can own, or owe', () => {
    for (const eq of ['1000000000000.01', '-1000000000000.01', '999999999999999999']) {
      expect(toBalance(read({ details: [{ ...USDT, eq }] }))).toBeNull();
    }
    const details = [{ ...USDT, coinUsdPrice: '0.000000000000000001' }];
    expect(toBalance(read({ adjEq: '100', availEq: '100', details }))).toBeNull();
  });

  it('is what it holds of the settlement currency: another one is no margin', () => {
    expect(toBalance(read({ ...mode, details: [BTC, USDT] }))).toEqual({ equity: '100.5', available: '90' });
  });

  it('takes the available balance where the venue tells no available equity', () => {
    const details = [{ ...USDT, availEq: '' }];
    expect(toBalance(read({ ...mode, details }))).toEqual({ equity: '100.5', available: '80' });
  });

  it('is not told by a payload about other currencies', () => {
    expect(toBalance(read({ ...mode, details: [BTC] }))).toBeNull();
    expect(toBalance(read({ ...mode, details: [] }), dec(1))).toBeNull();
  });

  it('is read from payloads without the fields of the whole account', () => {
    expect(toBalance(read({ details: [USDT] }))).toEqual({ equity: '100.5', available: '90' });
  });
});

describe('the balance of an account whose currencies are margin together', () => {
  const mode = { adjEq: '50000', availEq: '40000' };

  it('is the whole account in the settlement currency', () => {
    const details = [BTC, { ...USDT, coinUsdPrice: '0.8' }];
    expect(toBalance(read({ ...mode, details }))).toEqual({ equity: '62500', available: '50000' });
  });

  it('has the price from what the holding is worth where the venue does not tell it', () => {
    const details = [{ ...USDT, eq: '200', eqUsd: '100', coinUsdPrice: '' }];
    expect(toBalance(read({ ...mode, details }))).toEqual({ equity: '100000', available: '80000' });
    const owed = [{ ...USDT, eq: '-200', eqUsd: '-100', coinUsdPrice: '' }];
    expect(toBalance(read({ ...mode, details: owed }))).toEqual({ equity: '100000', available: '80000' });
  });

  it('needs a known price where the payload tells none', () => {
    expect(toBalance(read({ ...mode, details: [BTC] }))).toBeNull();
    expect(toBalance(read({ ...mode, details: [BTC] }), dec('0.5'))).toEqual({ equity: '100000', available: '80000' });
  });
});

describe('the price of the settlement currency', () => {
  it.each([
    ['nothing is held of it', []],
    ['its row holds no figures', [{ ...USDT, eq: '0', eqUsd: '0', coinUsdPrice: '' }]],
    ['the figures contradict each other', [{ ...USDT, eq: '-1', eqUsd: '1', coinUsdPrice: '' }]],
    ['it is nothing', [{ ...USDT, coinUsdPrice: '0' }]],
  ])('is not known where %s', (_why, details) => {
    expect(settlePrice(read({ details }))).toBeNull();
  });
});

describe('the account mode in which spot is traded', () => {
  it('is read by its currency: it tells an adjusted equity, but nothing free of the whole account', () => {
    expect(toBalance(read({ adjEq: '50000', availEq: '', details: [USDT] }))).toEqual({
      equity: '100.5',
      available: '90',
    });
  });
});
