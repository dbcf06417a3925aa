import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCredentials } from '@/services/accounts/credentials';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';

const SET = { method: 'POST', path: '/api/v5/account/set-leverage' };
const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const STOPS = { stopLoss: { percent: '5' } };
/** "Cancel cross-margin TP/SL, trailing, trigger, and chase orders or stop bots before adjusting your leverage." */
const REFUSAL = '59669';

describe('a leverage that what rests at the venue keeps as it is', () => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;

  beforeEach(async () => {
    stage = await Stage.open();
    const [first] = await stage.addFollowers([{ followRatio: '0.1' }]);
    if (first === undefined) throw new Error('no follower');
    follower = first;
    await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '100000', hold: true });
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  /** Somebody sets it at the venue, and from then on the venue refuses to change it. */
  async function standsAt(leverage: string): Promise<void> {
    const { accountId: id } = follower;
    const row = await stage.db.exchangeAccount.findUniqueOrThrow({ where: { id } });
    const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
    const credentials = openCredentials(stage.cipher.forTenant(tenant), row);
    const access = { accountId: id, mode: 'simulated', credentials } as const;
    await stage.venues.get('okx').placer.setLeverage(access, 'BTC-USDT-SWAP', 'cross', leverage, 'net');
    await stage.control('faults', { kind: 'refuse', code: REFUSAL, match: { ...SET, account: follower.venueAccount } });
  }

  async function copy(fields: Readonly<Record<string, unknown>>) {
    const signalId = await stage.send(fields);
    await worker.copy(signalId);
    await worker.protect();
    const trade = await stage.db.trade.findFirstOrThrow({ where: { signalId, leg: 'open' } });
    const { status, code, detail } = trade;
    return { status, code, detail, leverage: trade.leverage.toFixed(), quantity: trade.quantity.toFixed() };
  }

  const note = async () => (await stage.db.accountLeverage.findFirst())?.leverage.toFixed();
  const filled = async () => {
    const orders = (await stage.venueOrders()).filter(({ fillSz }) => fillSz !== '0');
    return orders.map(({ fillSz, lever }) => `${fillSz} ${lever}×`);
  };

  it('is used by the next entry while our own stop orders stand, and is not asked to change', async () => {
    await copy({ ...OPEN, ...STOPS });
    await stage.control('faults', { kind: 'drop', when: 'after', match: { ...SET, account: follower.venueAccount } });
    expect(await copy({ ...OPEN, leverage: '5' })).toMatchObject({ status: 'filled', leverage: '10', quantity: '10' });
    expect(await filled()).toEqual(['10 10×', '10 10×']);
  });

  it('denies an entry whose limits are below it, and stop orders are left where they are', async () => {
    await copy({ ...OPEN, ...STOPS });
    await stage.db.customer.updateMany({ data: { maxLeverage: '8' } });
    expect(await copy({ ...OPEN })).toMatchObject({
      status: 'denied',
      code: 'LEVERAGE_FIXED',
      detail: { leverage: '10', maximum: '8' },
    });
    const { algos } = await stage.control<{ algos: { state: string }[] }>('algos');
    expect(algos.map(({ state }) => state)).toEqual(['live']);
  });

  it('sizes an entry by margin for what it is', async () => {
    await copy({ ...OPEN, ...STOPS });
    await stage.db.subscription.updateMany({ data: { sizingMode: 'fixed_margin', sizingValue: '1000' } });
    expect(await copy({ ...OPEN, leverage: '5' })).toMatchObject({ status: 'filled', leverage: '10', quantity: '10' });
  });

  it('is asked for where the venue refuses unexpectedly, used where every limit allows it, and noted', async () => {
    await standsAt('7');
    expect(await copy(OPEN)).toMatchObject({ status: 'filled', leverage: '7', quantity: '10' });
    expect(await filled()).toEqual(['10 7×']);
    expect((await stage.db.position.findFirstOrThrow()).leverage.toFixed()).toBe('7');
    expect(await note()).toBe('7');
    expect(await copy(OPEN)).toMatchObject({ status: 'filled', leverage: '7' });
  });

  it('refuses what was sized for another one, with a sentence, and the next one is sized for it', async () => {
    await stage.db.subscription.updateMany({ data: { sizingMode: 'fixed_margin', sizingValue: '1000' } });
    await standsAt('7');
    expect(await copy(OPEN)).toMatchObject({
      status: 'expired',
      code: 'LEVERAGE_FIXED',
      detail: { leverage: '7', wanted: '10' },
    });
    expect(await copy(OPEN)).toMatchObject({ status: 'filled', leverage: '7', quantity: '7' });
  });

  it('refuses an entry whose limits are below it', async () => {
    await standsAt('50');
    expect(await copy(OPEN)).toMatchObject({ status: 'expired', code: 'LEVERAGE_FIXED', detail: { maximum: '20' } });
    expect(await copy(OPEN)).toMatchObject({ status: 'denied', code: 'LEVERAGE_FIXED', detail: { maximum: '20' } });
    expect(await filled()).toEqual([]);
  });
});
