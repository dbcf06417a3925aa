import { sha256 } from '@/platform/ids';
import type { WebContext } from '../web-context';
import type { Actor } from './actor';
import { mayEnter } from './customer-gate';
import { readSessionToken } from './session';

/** `via` matters to the edge: a browser sends a cookie without being asked, a token never. */
export type Authentication = { readonly actor: Actor; readonly via: 'token' | 'session' };

/** How precise "last used" is; saves a write at most requests. */
const USE_MARK_MS = 60_000;

/** Reads `Authorization: Bearer`, else the session cookie. Null: nobody. A wrong token is not saved by a cookie. */
export async function authenticate(
  context: Pick<WebContext, 'environment' | 'database' | 'clock'>,
  headers: Headers,
): Promise<Authentication | null> {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const token = /^Bearer +(\S{20,200})$/i.exec(authorization)?.[1];
    const actor = token === undefined ? null : await readApiToken(context, token);
    return actor === null ? null : { actor, via: 'token' };
  }
  const actor = await readSessionToken(context, headers.get('cookie'));
  return actor === null ? null : { actor, via: 'session' };
}

async function readApiToken(
  { database, clock }: Pick<WebContext, 'database' | 'clock'>,
  token: string,
): Promise<Actor | null> {
  const row = await database.system.apiToken.findUnique({ where: { tokenHash: sha256(token) } });
  const now = clock.now();
  if (row === null || row.revokedAt !== null) return null;
  if (row.expiresAt !== null && row.expiresAt.getTime() <= now) return null;
  if (!(await mayEnter(database, row))) return null;
  if (row.lastUsedAt === null || now - row.lastUsedAt.getTime() > USE_MARK_MS) {
    await database.system.apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(now) } });
  }
  return { tenantId: row.tenantId, role: row.role, userId: null, tokenId: row.id, customerId: row.customerId };
}
