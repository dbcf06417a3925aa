import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '@/testing/copying/stage';
import { sealCredentials } from '../accounts/credentials';
import { KeyRing } from './key-ring';

let stage: Stage;
let keys: KeyRing;
let now = 1_000_000;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
  keys = new KeyRing(stage.cipher, () => now);
});
afterEach(async () => {
  keys.close();
  await stage.close();
});

const asked = (keyMark: string) =>
  stage.followers.map(({ accountId: id }) => ({
    id,
    keyMark,
    venue: 'okx',
    mode: 'simulated' as const,
    marginMode: 'cross' as const,
    positionMode: 'net' as const,
  }));
const nameOf = async (keyMark: string) => {
  const opened = await keys.open(stage.db, stage.tenantId, asked(keyMark));
  return [...opened.values()].map(({ access }) => access.credentials.reveal().apiKey);
};

async function changeKey(apiKey: string): Promise<void> {
  const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
  const cipher = stage.cipher.forTenant(tenant);
  for (const { accountId: id } of stage.followers) {
    const credentials = sealCredentials(cipher, id, { apiKey, secret: 'other-secret', passphrase: 'other' });
    await stage.db.exchangeAccount.update({ where: { id }, data: { credentials } });
  }
}

describe('the key ring', () => {
  it('opens a key once, and again when it has become another one', async () => {
    const before = await nameOf('a');
    expect(before).toHaveLength(2);
    await changeKey('another-key');
    expect(await nameOf('a')).toEqual(before);
    expect(await nameOf('b')).toEqual(['another-key', 'another-key']);
  });

  it('leaves out an account whose key does not open, also one that did before', async () => {
    await nameOf('a');
    const [first] = stage.followers;
    await stage.db.exchangeAccount.update({ where: { id: first?.accountId ?? '' }, data: { credentials: 'k1.x.x.x' } });
    expect(await nameOf('b')).toHaveLength(1);
    expect(keys.size).toBe(1);
  });

  it('forgets what nobody has needed for ten minutes', async () => {
    await nameOf('a');
    now += 9 * 60_000;
    keys.forgetUnused();
    expect(keys.size).toBe(2);
    now += 2 * 60_000;
    keys.forgetUnused();
    expect(keys.size).toBe(0);
  });
});
