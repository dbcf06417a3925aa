import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VenueError } from '@/exchanges/port';
import { type ApiHarness, createApiHarness } from '@/testing/api/harness';
import { createTenant, type TestTenant } from '@/testing/api/rows';

let harness: ApiHarness;
let tenant: TestTenant;
let asked: unknown[][] = [];

beforeAll(async () => {
  harness = await createApiHarness();
  tenant = await createTenant(harness, 'Home', []);
});
beforeEach(() => {
  asked = [];
  harness.market = {
    getCandles: async (...question) => {
      asked.push(question);
      return [{ openedAt: 1_700_000_000_000, open: '1', high: '2', low: '0.5', close: '1.5', volume: '10' }];
    },
  };
});
afterAll(() => harness.close());

const ask = (query: Record<string, string>) => harness.call('getCandles', { as: tenant.tokens.admin, query });

describe('candles', () => {
  it('come from the venue, once for all who look in the same seconds', async () => {
    const first = await ask({ symbol: 'BTC-USDT-SWAP', interval: '1h', limit: '5' });
    expect(first.data).toEqual({
      symbol: 'BTC-USDT-SWAP',
      interval: '1h',
      candles: [{ openedAt: '2023-11-14T22:13:20.000Z', open: '1', high: '2', low: '0.5', close: '1.5', volume: '10' }],
    });
    expect((await ask({ symbol: 'BTC-USDT-SWAP', interval: '1h', limit: '5' })).data).toEqual(first.data);
    expect(asked).toEqual([['BTC-USDT-SWAP', '1h', 5]]);
  });

  it('of unknown instruments are not asked for', async () => {
    const answer = await ask({ symbol: 'DOGE-USDT-SWAP' });
    expect([answer.status, answer.error.code]).toEqual([404, 'NOT_FOUND']);
    expect((await ask({ symbol: '../../secret' })).error.field).toBe('symbol');
    expect(asked).toEqual([]);
  });

  it('are EXCHANGE_UNAVAILABLE while the venue is away', async () => {
    harness.market = { getCandles: () => Promise.reject(new VenueError('50001', 'busy', 'unavailable')) };
    const answer = await ask({ symbol: 'BTC-USDT-SWAP', interval: '1m' });
    expect([answer.status, answer.error.code]).toEqual([503, 'EXCHANGE_UNAVAILABLE']);
    expect(answer.headers.get('retry-after')).toBe('3');
  });
});
