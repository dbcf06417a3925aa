import { describe, expect, it } from 'vitest';
import { type AccountLevel, type MarginMode, type VenueAccountConfig, VenueError } from '@/exchanges/port';
import { checkAccount } from './preflight-checks';

const CONFIG: VenueAccountConfig = {
  venueUserId: '1',
  venueOwnerId: '1',
  positionMode: 'net',
  canRead: true,
  canTrade: true,
  canWithdraw: false,
  boundIps: ['203.0.113.7'],
  level: 'futures',
};

function check(config: Partial<VenueAccountConfig>, marginMode: MarginMode = 'cross', venueTime = 5) {
  return checkAccount(
    async () => venueTime,
    () => ({
      getConfig: async () => ({ ...CONFIG, ...config }),
      getBalance: async () => ({ equity: '100', available: '90' }),
    }),
    { simulated: false, marginMode },
    () => 5,
  );
}

describe('the checks of an account', () => {
  it('find nothing amiss with what copying needs', async () => {
    expect(await check({})).toMatchObject({ health: 'healthy', failure: null, unreachable: false });
  });

  it.each<[AccountLevel, MarginMode, string, string | null]>([
    ['futures', 'isolated', 'healthy', null],
    ['multi_currency', 'cross', 'healthy', null],
    ['multi_currency', 'isolated', 'limited', 'ISOLATED_UNAVAILABLE'],
    ['portfolio', 'cross', 'limited', 'ACCOUNT_MODE_UNSUPPORTED'],
    ['unknown', 'cross', 'limited', 'ACCOUNT_MODE_UNSUPPORTED'],
    ['spot', 'cross', 'failing', 'DERIVATIVES_DISABLED'],
  ])('say of the level %s with %s margin that the account is %s%s', async (level, margin, health, failure) => {
    expect(await check({ level }, margin)).toMatchObject({ health, failure });
  });

  it.each([45_000, -45_000])('say how far a clock is away (%i ms), and stop nothing for it', async (skew) => {
    const found = await check({}, 'cross', 5 + skew);
    expect(found).toMatchObject({ health: 'healthy', failure: null });
    expect(found.preflight.find(({ check: name }) => name === 'clock')).toMatchObject({
      result: 'warning',
      code: 'CLOCK_SKEW',
      detail: { milliseconds: '45000' },
    });
  });

  it('name what stops all orders before what stops entries', async () => {
    const found = await check({ level: 'portfolio', canTrade: false });
    expect(found).toMatchObject({ health: 'failing', failure: 'NO_TRADE_PERMISSION' });
  });

  it('learn nothing about a key while its venue is away', async () => {
    const away = async () => {
      throw new VenueError('TRANSPORT', 'away', 'unavailable');
    };
    const found = await checkAccount(
      away,
      () => null,
      { simulated: false, marginMode: 'cross' },
      () => 5,
    );
    expect(found).toMatchObject({ unreachable: true, failure: 'VENUE_UNREACHABLE', config: null });
  });
});
