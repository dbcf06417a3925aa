import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dec } from '@/domain/decimal';
import type { ListedInstrument } from '@/domain/listing';
import { connectDatabase, type Database } from '@/platform/database/database';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { refreshInstruments } from './refresh-instruments';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = connectDatabase(testDatabase.url);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

function instrument(symbol: string, overrides: Partial<ListedInstrument> = {}): ListedInstrument {
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
    state: 'live',
    endsAt: null,
    ...overrides,
  };
}

const refresh = (...instruments: ListedInstrument[]) =>
  refreshInstruments(database, { getInstruments: async () => instruments }, 'okx');

describe('refreshInstruments', () => {
  it('adds, changes, switches off and on again', async () => {
    await refresh(instrument('BTC-USDT-SWAP'), instrument('PEPE-USDT-SWAP', { tickSize: dec('0.000000001') }));
    expect(await refresh(instrument('BTC-USDT-SWAP', { lotSize: dec('0.1'), maxMarketSize: dec('12000') }))).toEqual({
      live: 1,
      closed: 0,
      gone: 1,
      impossible: [],
    });
    const rows = await database.system.instrument.findMany({ orderBy: { id: 'asc' } });
    expect(rows.map((row) => [row.id, row.state, row.lotSize.toFixed(), row.tickSize.toFixed()])).toEqual([
      ['okx:BTC-USDT-SWAP', 'live', '0.1', '0.1'],
      ['okx:PEPE-USDT-SWAP', 'gone', '0.01', '0.000000001'],
    ]);
    expect(rows[0]?.maxMarketSize?.toFixed()).toBe('12000');
    await refresh(instrument('BTC-USDT-SWAP'), instrument('PEPE-USDT-SWAP'));
    expect(await database.system.instrument.count({ where: { state: 'live' } })).toBe(2);
  });

  it('keeps what does not trade, with its state and the end that the venue names', async () => {
    const endsAt = Date.UTC(2027, 0, 1, 8);
    const answer = await refresh(
      instrument('BTC-USDT-SWAP'),
      instrument('OLD-USDT-SWAP', { state: 'suspended', endsAt }),
      instrument('NEW-USDT-SWAP', { state: 'preopen', lotSize: dec(0) }),
    );
    expect(answer).toMatchObject({ live: 1, closed: 2, impossible: ['okx:NEW-USDT-SWAP'] });
    const old = () => database.system.instrument.findUniqueOrThrow({ where: { id: 'okx:OLD-USDT-SWAP' } });
    expect(await old()).toMatchObject({ state: 'suspended', tradable: false, endsAt: new Date(endsAt) });
    // A row of what never was there with numbers would have none.
    expect(await database.system.instrument.findUnique({ where: { id: 'okx:NEW-USDT-SWAP' } })).toBeNull();
    await refresh(instrument('OLD-USDT-SWAP', { endsAt: Number.MAX_SAFE_INTEGER }));
    expect(await old()).toMatchObject({ state: 'live', tradable: true, endsAt: null });
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
    expect(answer).toEqual({ live: 1, closed: 1, gone: expect.any(Number), impossible: ['okx:ODD-USDT-SWAP'] });
    const rows = await database.system.instrument.findMany({
      where: { symbol: { in: ['ODD-USDT-SWAP', 'NEW-USDT-SWAP'] } },
    });
    const shown = rows.map((row) => [row.symbol, row.state, row.lotSize.toFixed(), row.baseCurrency]);
    expect(shown.sort()).toEqual([
      ['NEW-USDT-SWAP', 'live', '0.5', 'NEW'],
      ['ODD-USDT-SWAP', 'unreadable', '0.01', 'ODD'],
    ]);
  });

  it('takes several hundred at once and leaves other venues alone', async () => {
    await database.system
      .$executeRaw`INSERT INTO Instrument (id, venue, symbol, baseCurrency, quoteCurrency, settleCurrency,
        contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage, updatedAt)
      SELECT 'other:X', 'other', 'X', baseCurrency, quoteCurrency, settleCurrency, contractValue, lotSize, minSize,
        maxMarketSize, tickSize, maxLeverage, updatedAt FROM Instrument WHERE id = 'okx:BTC-USDT-SWAP'`;
    await refresh(...Array.from({ length: 600 }, (_, index) => instrument(`C${index}-USDT-SWAP`)));
    expect(await database.system.instrument.count({ where: { venue: 'okx', state: 'live' } })).toBe(600);
    expect(await database.system.instrument.count({ where: { venue: 'other', state: 'live' } })).toBe(1);
  });

  it('does not believe an empty answer', async () => {
    const before = await database.system.instrument.count({ where: { state: 'live' } });
    await expect(refresh()).rejects.toThrow('named no instrument');
    expect(await database.system.instrument.count({ where: { state: 'live' } })).toBe(before);
  });
});
