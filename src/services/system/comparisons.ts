import type { SystemView } from '@/contracts/api/safety';
import { Prisma } from '@/platform/database/database';
import type { Actor } from '../identity/actor';
import { readComparisons } from '../reconciliation/comparisons';
import { timeText } from '../view-fields';
import type { WebContext } from '../web-context';

/** Accounts that are named, of those that could not be compared. */
const SHOWN = 20;
/** What was compared longer ago says nothing of how it is now, ms: an account's turn comes each minute, where there are thousands later. */
const FRESH = 10 * 60_000;

type Row = {
  id: string;
  label: string;
  customerId: string;
  customerName: string;
  health: string;
  healthCode: string | null;
};
type Comparisons = NonNullable<SystemView['drift']['comparisons']>;

/** Of the tenant's accounts whose positions ought to be compared: how many were, and why the others were not. Rejects when Redis is away. */
export async function countComparisons(
  { database, redis, environment }: Pick<WebContext, 'database' | 'redis' | 'environment'>,
  { tenantId }: Actor,
  now: number,
): Promise<Comparisons> {
  const [accounts, notes] = await Promise.all([
    database.forTenant(tenantId).$queryRaw<Row[]>(
      Prisma.sql`SELECT a.id, a.label, a.customerId, c.name AS customerName, a.health, a.healthCode
        FROM ExchangeAccount a JOIN Customer c ON c.id = a.customerId
        WHERE a.tenantId = ${tenantId} AND a.endedAt IS NULL AND (
          EXISTS (SELECT 1 FROM Subscription s WHERE s.accountId = a.id AND s.status <> 'ended')
          OR EXISTS (SELECT 1 FROM \`Position\` p WHERE p.accountId = a.id AND p.quantity > 0)
          OR EXISTS (SELECT 1 FROM PositionDrift d WHERE d.accountId = a.id AND d.resolvedAt IS NULL))
        ORDER BY c.name, a.label, a.id`,
    ),
    readComparisons(redis, environment.REDIS_PREFIX, tenantId),
  ]);
  const times: number[] = [];
  const missing = accounts.flatMap(({ health, healthCode, id, ...account }) => {
    const { comparedAt = null, obstacle = null } = notes.get(id) ?? {};
    const isFresh = comparedAt !== null && comparedAt > now - FRESH;
    const works = health === 'healthy' || health === 'limited';
    if (works && isFresh && obstacle === null) {
      times.push(comparedAt);
      return [];
    }
    const code = works ? (obstacle ?? 'NOT_COMPARED') : (healthCode ?? 'NOT_CHECKED');
    return [
      { accountId: id, ...account, code, comparedAt: comparedAt === null ? null : timeText(new Date(comparedAt)) },
    ];
  });
  return {
    accounts: accounts.length,
    compared: times.length,
    oldestAt: times.length === 0 ? null : timeText(new Date(Math.min(...times))),
    newestAt: times.length === 0 ? null : timeText(new Date(Math.max(...times))),
    missing: missing.slice(0, SHOWN).map(({ label, ...account }) => ({ ...account, accountLabel: label })),
  };
}
