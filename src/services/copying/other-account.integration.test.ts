import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealCredentials } from '@/services/accounts/credentials';
import { OF_NEW_KEY } from '@/services/accounts/health';
import { findUnchecked } from '@/services/accounts/unchecked-accounts';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { cancelEntries, readRestingEntries } from '../execution/resting-entries';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { settleStragglers } from './sweep';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const ENTRY = { ...OPEN, orderType: 'limit', limitPrice: '59000' };
const ORDER = { method: 'POST', path: '/api/v5/trade/order' };

type Key = { readonly apiKey: string; readonly secret: string; readonly passphrase: string };

let stage: Stage;
let worker: StageWorker;
let follower: StageFollower;
let own: string;
beforeEach(async () => {
  stage = await Stage.open();
  const [added] = await stage.addFollowers([{}]);
  if (added === undefined) throw new Error('no follower');
  follower = added;
  own = (await row()).credentials;
  await stage.control('price', { instId: 'BTC-USDT-SWAP', price: '60000', hold: true });
  worker = await stage.worker({ streams: false, timings: { ...EXECUTION_TIMINGS, settleWithin: 700 } });
});
afterEach(() => stage.close());

const row = () => stage.db.exchangeAccount.findUniqueOrThrow({ where: { id: follower.accountId } });
const settle = () => settleStragglers(worker.deps, () => true, AbortSignal.timeout(3000), 0);
const check = () => worker.checkAccount(follower.accountId);
const status = async (signalId: string) => (await stage.trades(signalId))[0]?.status;

/** As the API writes a new key. */
async function enter(credentials: string): Promise<void> {
  const data = { credentials, ...OF_NEW_KEY };
  await stage.db.exchangeAccount.update({ where: { id: follower.accountId }, data });
}

async function foreignKey(): Promise<string> {
  const key = await stage.control<Key>('accounts', { balance: '100000', posMode: 'net_mode' });
  const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
  return sealCredentials(stage.cipher.forTenant(tenant), follower.accountId, key);
}

/** Its order is at the venue, and nobody here knows. */
async function sendUnknown(): Promise<string> {
  await stage.control('faults', { kind: 'drop', when: 'after', match: ORDER, count: 1 });
  await stage.control('faults', { kind: 'status', status: 500, match: { method: 'GET', path: '/api/v5/trade/*' } });
  const signalId = await stage.send(OPEN);
  await worker.copy(signalId);
  await stage.control('faults', { clear: true });
  // Its request has expired: what the venue does not have now it never will.
  await stage.db.trade.updateMany({ where: { signalId }, data: { sendBy: new Date(Date.now() - 600_000) } });
  expect(await status(signalId)).toBe('unknown');
  return signalId;
}

describe('an account whose key is another account’s', () => {
  it('is not asked about an unknown order, which is settled once the key is right', async () => {
    const signalId = await sendUnknown();
    await enter(await foreignKey());
    await settle();
    expect(await status(signalId)).toBe('unknown');
    await check();
    expect(await row()).toMatchObject({ health: 'failing', healthCode: 'OTHER_ACCOUNT' });
    await settle();
    expect(await status(signalId)).toBe('unknown');

    await enter(own);
    await check();
    await settle();
    expect(await status(signalId)).toBe('filled');
    expect(await stage.held(follower)).toBe('10');
  });

  it('keeps its resting entry as it is until the key is right', async () => {
    const signalId = await stage.send(ENTRY);
    await worker.copy(signalId);
    expect(await status(signalId)).toBe('live');
    await stage.db.trade.updateMany({ where: { signalId }, data: { sendBy: new Date(Date.now() - 600_000) } });
    const never = new AbortController().signal;
    const cancel = async () => {
      const entries = await readRestingEntries(stage.db, stage.tenantId, stage.sourceId, 'okx:BTC-USDT-SWAP');
      await cancelEntries(worker.deps, stage.tenantId, entries, 500, never);
    };
    await enter(await foreignKey());
    await check();
    await settle();
    await cancel();
    expect(await status(signalId)).toBe('live');
    expect((await stage.venueOrders()).map(({ state }) => state)).toEqual(['live']);

    await enter(own);
    await check();
    await cancel();
    expect((await stage.venueOrders()).map(({ state }) => state)).toEqual(['canceled']);
    expect(await status(signalId)).not.toBe('live');
  });

  it('is still known to be so while the venue does not say whose key it is', async () => {
    await sendUnknown();
    await enter(await foreignKey());
    await check();
    await stage.control('faults', { kind: 'status', status: 500, match: { method: 'GET', path: '/api/v5/account/*' } });
    await check();
    expect(await row()).toMatchObject({ health: 'failing', healthCode: 'OTHER_ACCOUNT' });
  });

  it.each([
    ['the venue is away', { kind: 'status', status: 500 }],
    ['the venue refuses it for a while', { kind: 'refuse', code: '50110' }],
  ])('is never used when %s as it is checked first, whatever is tried later', async (_when, fault) => {
    const signalId = await sendUnknown();
    await enter(await foreignKey());
    await stage.control('faults', { ...fault, match: { method: 'GET', path: '/api/v5/account/*' } });
    await check();
    expect(await row()).toMatchObject({ health: 'failing' });
    await stage.control('faults', { clear: true });
    await settle();
    expect(await status(signalId)).toBe('unknown');

    await enter(own);
    await check();
    await settle();
    expect(await status(signalId)).toBe('filled');
  });
});

describe('an account of which nothing is known yet', () => {
  const found = () => findUnchecked(stage.database.statements, () => true);
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  const longAgo = () => stage.db.exchangeAccount.updateMany({ data: { updatedAt: ago(120), checkedAt: ago(120) } });

  it('is looked at again by itself once the venue is back, or where its check was lost, at a pace', async () => {
    await enter(own);
    expect(await found()).toEqual([]);
    await longAgo();
    expect(await found()).toEqual([follower.accountId]);

    await stage.control('faults', { kind: 'status', status: 500, match: { method: 'GET', path: '/api/v5/account/*' } });
    await check();
    expect(await row()).toMatchObject({ health: 'failing', healthCode: 'VENUE_UNREACHABLE' });
    expect(await found()).toEqual([]);
    await longAgo();
    expect(await found()).toEqual([follower.accountId]);
    await stage.control('faults', { clear: true });
    await check();
    expect(await row()).toMatchObject({ health: 'healthy', healthCode: null, keyUnproven: false });
    await longAgo();
    expect(await found()).toEqual([]);
  });
});
