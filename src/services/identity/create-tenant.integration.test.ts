import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cipher } from '@/platform/cipher';
import { connectDatabase, type Database } from '@/platform/database/database';
import { createTestDatabase, type TestDatabase } from '@/testing/services';
import { createTenant } from './create-tenant';
import { verifyPassword } from './passwords';

describe('createTenant', () => {
  const cipher = new Cipher(randomBytes(32).toString('base64'));
  let rows: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    rows = await createTestDatabase();
    database = connectDatabase(rows.url, 2);
  });
  afterAll(async () => {
    await database.close();
    await rows.drop();
  });

  it('makes a tenant whose admin can log in and whose key opens', async () => {
    const input = { name: 'Fund', email: ' Admin@Example.com ', password: 'correct horse' };
    const { tenantId } = await createTenant({ database, cipher }, input);
    const user = await database.system.user.findUniqueOrThrow({ where: { email: 'admin@example.com' } });
    expect(user).toMatchObject({ tenantId, role: 'admin' });
    expect(await verifyPassword(user.passwordHash, 'correct horse')).toBe(true);
    const sealer = cipher.forTenant(await database.system.tenant.findUniqueOrThrow({ where: { id: tenantId } }));
    expect(sealer.unseal(sealer.seal('key', 'a place'), 'a place')).toBe('key');
  });

  it('refuses an address that is in use and leaves no tenant behind', async () => {
    const before = await database.system.tenant.count();
    const again = { name: 'Other', email: 'admin@example.com', password: 'correct horse' };
    await expect(createTenant({ database, cipher }, again)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await database.system.tenant.count()).toBe(before);
  });
});
