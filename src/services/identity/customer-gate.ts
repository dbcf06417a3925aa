import type { Database } from '@/platform/database/database';

/** A customer's log-ins and tokens work while he is active; those of others do not depend on a customer. */
export async function mayEnter(
  { system }: Pick<Database, 'system'>,
  login: { readonly role: string; readonly customerId: string | null },
): Promise<boolean> {
  if (login.role !== 'customer') return true;
  if (login.customerId === null) return false;
  const customer = await system.customer.findUnique({ where: { id: login.customerId }, select: { status: true } });
  return customer?.status === 'active';
}
