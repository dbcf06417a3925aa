import { AppError } from '@/contracts/envelope';
import type { Cipher } from '@/platform/cipher';
import type { Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import { hashPassword } from './passwords';

/**
 * Makes a tenant with its data key and its first admin, together or not at all. Throws CONFLICT when the e-mail address is
 * already used by any tenant.
 */
export async function createTenant(
  { database, cipher }: { readonly database: Database; readonly cipher: Cipher },
  input: { readonly name: string; readonly email: string; readonly password: string },
): Promise<{ readonly tenantId: string }> {
  const email = input.email.trim().toLowerCase();
  if ((await database.system.user.findUnique({ where: { email }, select: { id: true } })) !== null) {
    throw new AppError('CONFLICT', `${email} already logs in here`, { field: 'email' });
  }
  const tenantId = newId();
  const passwordHash = await hashPassword(input.password);
  await database.system.$transaction([
    database.system.tenant.create({
      data: { id: tenantId, name: input.name, slug: tenantId, wrappedKey: cipher.newWrappedKey(tenantId) },
    }),
    database.system.user.create({ data: { id: newId(), tenantId, email, role: 'admin', passwordHash } }),
  ]);
  return { tenantId };
}
