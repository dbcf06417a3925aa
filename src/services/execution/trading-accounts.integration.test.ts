import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '@/testing/copying/stage';
import { sealCredentials } from '../accounts/credentials';
import { readTradingAccounts, readUsedModes } from './trading-accounts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}, {}]);
});
afterEach(() => stage.close());

const accounts = () => readTradingAccounts(stage.database.statements);
const idOf = (index: number): string => stage.followers[index]?.accountId ?? '';

describe('accounts that trade', () => {
  it('are healthy, and somebody still follows with them', async () => {
    expect(new Set((await accounts()).map(({ id }) => id))).toEqual(new Set([idOf(0), idOf(1), idOf(2)]));
    await stage.db.exchangeAccount.update({ where: { id: idOf(0) }, data: { health: 'failing' } });
    await stage.db.subscription.updateMany({ where: { accountId: idOf(1) }, data: { status: 'ended' } });
    await stage.db.subscription.updateMany({ where: { accountId: idOf(2) }, data: { status: 'paused' } });
    const [only, ...others] = await accounts();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ id: idOf(2), tenantId: stage.tenantId });
  });

  it('have another mark once their key is another one', async () => {
    const marks = async () => new Map((await accounts()).map(({ id, keyMark }) => [id, keyMark]));
    const before = await marks();
    expect(await marks()).toEqual(before);
    const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
    const key = { apiKey: 'another-key', secret: 'other-secret', passphrase: 'other' };
    const credentials = sealCredentials(stage.cipher.forTenant(tenant), idOf(0), key);
    await stage.db.exchangeAccount.update({ where: { id: idOf(0) }, data: { credentials } });
    const after = await marks();
    expect(after.get(idOf(0))).not.toBe(before.get(idOf(0)));
    expect(after.get(idOf(1))).toBe(before.get(idOf(1)));
  });

  it('name each venue and mode once, as long as one of them trades there', async () => {
    expect(await readUsedModes(stage.database.statements)).toEqual([{ venue: 'okx', mode: 'simulated' }]);
    await stage.db.exchangeAccount.update({ where: { id: idOf(0) }, data: { mode: 'demo' } });
    expect(await readUsedModes(stage.database.statements)).toHaveLength(2);
    await stage.db.subscription.updateMany({ data: { status: 'ended' } });
    expect(await readUsedModes(stage.database.statements)).toEqual([]);
  });
});
