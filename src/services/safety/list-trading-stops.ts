import type { TradingStopsView } from '@/contracts/api/safety';
import { hardestSwitch } from '@/domain/risk/kill-switches';
import type { KillSwitches, KillSwitchLevel, KillSwitchScope } from '@/domain/risk/types';
import { Prisma } from '@/platform/database/database';
import { type Actor, ownCustomerId } from '../identity/actor';
import { optionalTimeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { PLATFORM_ROW } from './kill-switch-board';

type Row = { scope: KillSwitchScope; id: string; name: string; level: KillSwitchLevel; since: Date | null };

/**
 * What kill switches hold back for the customer who asks: of everything at once, and of single strategies that he follows or holds
 * something of, where one is held back harder than the rest. Who threw a switch, and where, is not his to know.
 */
export async function listTradingStops(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
): Promise<TradingStopsView> {
  const { tenantId } = actor;
  const customerId = ownCustomerId(actor);
  const rows = await database.forTenant(tenantId).$queryRaw<Row[]>(
    Prisma.sql`SELECT 'platform' AS scope, '' AS id, '' AS name, p.killSwitch AS level, p.killSwitchAt AS since
        FROM Platform p WHERE p.id = ${PLATFORM_ROW} AND p.killSwitch <> 'none'
      UNION ALL SELECT 'tenant', '', '', t.killSwitch, t.killSwitchAt FROM Tenant t
        WHERE t.id = ${tenantId} AND t.killSwitch <> 'none'
      UNION ALL SELECT 'customer', '', '', c.killSwitch, c.killSwitchAt FROM Customer c
        WHERE c.tenantId = ${tenantId} AND c.id = ${customerId} AND c.killSwitch <> 'none'
      UNION ALL SELECT 'strategy', s.id, s.name, s.killSwitch, s.killSwitchAt FROM Strategy s
        WHERE s.tenantId = ${tenantId} AND s.killSwitch <> 'none' AND (
          EXISTS (SELECT 1 FROM Subscription u WHERE u.strategyId = s.id AND u.customerId = ${customerId} AND u.status <> 'ended')
          OR EXISTS (SELECT 1 FROM \`Position\` h WHERE h.tenantId = ${tenantId} AND h.strategyId = s.id
            AND h.customerId = ${customerId} AND h.quantity > 0))
      ORDER BY name, id`,
  );
  const level = (scope: KillSwitchScope): KillSwitchLevel => rows.find((row) => row.scope === scope)?.level ?? 'none';
  const everywhere: KillSwitches = {
    platform: level('platform'),
    tenant: level('tenant'),
    customer: level('customer'),
    strategy: 'none',
  };
  const general = hardestSwitch(everywhere);
  const strategies = rows.filter((row) => row.scope === 'strategy');
  return {
    items: [
      ...(general === null
        ? []
        : [
            {
              strategy: null,
              level: general.level,
              since: optionalTimeText(earliest(rows.filter((row) => isGeneral(row) && row.level === general.level))),
            },
          ]),
      ...strategies.flatMap((row) => {
        const inForce = hardestSwitch({ ...everywhere, strategy: row.level });
        if (inForce === null || inForce.scope !== 'strategy') return [];
        const { id, name } = row;
        return [{ strategy: { id, name }, level: inForce.level, since: optionalTimeText(row.since) }];
      }),
    ],
  };
}

function isGeneral({ scope }: Row): boolean {
  return scope !== 'strategy';
}

function earliest(rows: readonly Row[]): Date | null {
  const times = rows.flatMap(({ since }) => (since === null ? [] : [since.getTime()]));
  return times.length === 0 ? null : new Date(Math.min(...times));
}
