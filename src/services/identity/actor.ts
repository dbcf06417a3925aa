import type { UserRole } from '@/contracts/api/operation';
import { AppError } from '@/contracts/envelope';

/** Who asks: a person with a session, or a program with an API token. Read from the row at every request. */
export type Actor = {
  readonly tenantId: string;
  readonly role: UserRole;
  readonly userId: string | null;
  readonly tokenId: string | null;
  /** Set for the role customer, and only for it. */
  readonly customerId: string | null;
};

/** Throws FORBIDDEN unless the actor has one of the roles. */
export function requireRole(actor: Actor, roles: readonly UserRole[]): void {
  if (!roles.includes(actor.role)) throw new AppError('FORBIDDEN', 'This is not allowed for your role');
}

/** How the actor stands in the audit log. */
export function actorName(actor: Actor): string {
  return actor.userId !== null ? `user:${actor.userId}` : `token:${actor.tokenId}`;
}

/**
 * The filter that keeps a customer at his own rows; empty for others. Combine it with every look-up, so that a foreign
 * row is as absent as one that does not exist.
 */
export function ownRows(actor: Actor): { customerId?: string } {
  if (actor.role !== 'customer') return {};
  return { customerId: ownCustomerId(actor) };
}

/** The customer's own id. Throws FORBIDDEN for a customer's log-in without one, which must not see anything. */
export function ownCustomerId(actor: Actor): string {
  if (actor.customerId === null) throw new AppError('FORBIDDEN', 'This log-in belongs to no customer');
  return actor.customerId;
}

/** `asked` narrowed to what the actor may see: his own id for a customer, whatever he asked for. */
export function visibleCustomer(actor: Actor, asked: string | undefined): string | undefined {
  if (actor.role !== 'customer') return asked;
  const own = ownCustomerId(actor);
  if (asked !== undefined && asked !== own) throw new AppError('NOT_FOUND', 'There is no such customer');
  return own;
}
