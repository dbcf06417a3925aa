import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dec } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import { connectDatabase, type Database } from '@/platform/database/database';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { refreshInstruments } from './refresh-instruments';

let testDatabase: TestDatabase;
let database: Database;
const clock = { now: () => Date.UTC(2026, 10, 21) };

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

function instrument(symbol: string, overrides: Partial<Instrument> = {}): Instrument {
  return {
    id: `okx:${symbol}`,
    venue: 'okx',
    symbol,
    baseCurrency: symbol.split('-')[0] ?? '',
    quoteCurrency: 'USDT',
    settleCurrency: 'USDT',
    contractValue: dec('0.01'),
    lotSize: dec('0.01'),
    minSize: dec('0.01'),
    maxMarketSize: null,
    tickSize: dec('0.1'),
    maxLeverage: dec('100'),
    ...overrides,
  };
}

const refresh = (...instruments: Instrument[]) =>
  refreshInstruments(database, { getInstruments: async () => instruments }, 'okx', clock);

describe('refreshInstruments', () => {
  it('adds, changes, switches off and on again', async () => {
    await refresh(instrument('BTC-USDT-SWAP'), instrument('PEPE-USDT-SWAP', { tickSize: dec('0.000000001') }));
    expect(await refresh(instrument('BTC-USDT-SWAP', { lotSize: dec('0.1'), maxMarketSize: dec('12000') }))).toEqual({
      tradable: 1,
      gone: 1,
      impossible: [],
    });
    const rows = await database.system.instrument.findMany({ orderBy: { id: 'asc' } });
    expect(rows.map((row) => [row.id, row.tradable, row.lotSize.toFixed(), row.tickSize.toFixed()])).toEqual([
      ['okx:BTC-USDT-SWAP', true, '0.1', '0.1'],
      ['okx:PEPE-USDT-SWAP', false, '0.01', '0.000000001'],
    ]);
    expect(rows[0]?.maxMarketSize?.toFixed()).toBe('12000');
    await refresh(instrument('BTC-USDT-SWAP'), instrument('PEPE-USDT-SWAP'));
    expect(await database.system.instrument.count({ where: { tradable: true } })).toBe(2);
  });

  it.each([
    ['a lot of zero', { lotSize: dec(0) }],
    ['a contract without end', { contractValue: dec('999999999999999999') }],
    ['a tick that no column holds', { tickSize: dec('1e-19') }],
    ['a leverage without end', { maxLeverage: dec('1e30') }],
    ['a name without end', { baseCurrency: 'X'.repeat(21) }],
  ])('leaves an instrument with %s as it was known, closed to entries, and takes the others', async (_what, odd) => {
    await refresh(instrument('ODD-USDT-SWAP'), instrument('NEW-USDT-SWAP'));
    const answer = await refresh(
      instrument('ODD-USDT-SWAP', odd),
      instrument('NEW-USDT-SWAP', { lotSize: dec('0.5') }),
    );
    expect(answer).toEqual({ tradable: 1, gone: 1, impossible: ['okx:ODD-USDT-SWAP'] });
    const rows = await database.system.instrument.findMany({
      where: { symbol: { in: ['ODD-USDT-SWAP', 'NEW-USDT-SWAP'] } },
    });
    const shown = rows.map((row) => [row.symbol, row.tradable, row.lotSize.toFixed(), row.baseCurrency]);
    expect(shown.sort()).toEqual([
      ['NEW-USDT-SWAP', true, '0.5', 'NEW'],
      ['ODD-USDT-SWAP', false, '0.01', 'ODD'],
    ]);
  });

  it('takes several hundred at once and leaves other venues alone', async () => {
    await database.system.$executeRaw`INSERT INTO Instrument
      SELECT 'other:X', 'other', 'X', baseCurrency, quoteCurrency, settleCurrency, contractValue, lotSize, minSize,
        maxMarketSize, tickSize, maxLeverage, 1, updatedAt FROM Instrument WHERE id = 'okx:BTC-USDT-SWAP'`;
    await refresh(...Array.from({ length: 600 }, (_, index) => instrument(`C${index}-USDT-SWAP`)));
    expect(await database.system.instrument.count({ where: { venue: 'okx', tradable: true } })).toBe(600);
    expect(await database.system.instrument.count({ where: { venue: 'other', tradable: true } })).toBe(1);
  });

  it('does not believe an empty answer', async () => {
    const before = await database.system.instrument.count({ where: { tradable: true } });
    await expect(refresh()).rejects.toThrow('named no instrument');
    expect(await database.system.instrument.count({ where: { tradable: true } })).toBe(before);
  });
});
