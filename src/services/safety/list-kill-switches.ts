import type { KillSwitchesView, KillSwitchView } from '@/contracts/api/safety';
import { Prisma } from '@/platform/database/database';
import type { Actor } from '../identity/actor';
import { optionalTimeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { PLATFORM_ROW } from './kill-switch-board';

const COLUMNS = { id: true, name: true, killSwitch: true, killSwitchAt: true } as const;
type Row = { id: string; name: string; killSwitch: KillSwitchView['level']; killSwitchAt: Date | null };

function view(scope: KillSwitchView['scope'], row: Row): KillSwitchView {
  return { scope, id: row.id, name: row.name, level: row.killSwitch, since: optionalTimeText(row.killSwitchAt) };
}

/** The platform's and the tenant's switch, and those of strategies and customers that are on. */
export async function listKillSwitches(
  { database }: Pick<WebContext, 'database'>,
  { tenantId }: Pick<Actor, 'tenantId'>,
): Promise<KillSwitchesView> {
  const tables = database.forTenant(tenantId);
  const on = { where: { killSwitch: { not: 'none' } }, select: COLUMNS, orderBy: { name: 'asc' } } as const;
  const [platform, tenant, strategies, customers] = await Promise.all([
    database.system.platform.findUnique({ where: { id: PLATFORM_ROW } }),
    tables.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: COLUMNS }),
    tables.strategy.findMany(on),
    tables.customer.findMany(on),
  ]);
  const others = [...strategies.map((row) => view('strategy', row)), ...customers.map((row) => view('customer', row))];
  const level = platform?.killSwitch ?? 'none';
  const flattening = level === 'flatten' || [view('tenant', tenant), ...others].some((row) => row.level === 'flatten');
  return {
    platform: {
      scope: 'platform',
      id: null,
      name: 'platform',
      level,
      since: optionalTimeText(platform?.killSwitchAt ?? null),
    },
    tenant: view('tenant', tenant),
    others,
    toFlatten: flattening ? await countToFlatten(database, tenantId, level) : 0,
  };
}

async function countToFlatten(
  database: WebContext['database'],
  tenantId: string,
  platform: KillSwitchView['level'],
): Promise<number> {
  const switches = Prisma.sql`(${platform}, t.killSwitch, s.killSwitch, c.killSwitch)`;
  const rows = await database.forTenant(tenantId).$queryRaw<{ positions: bigint }[]>(
    Prisma.sql`SELECT COUNT(*) AS positions FROM Position p
      JOIN Tenant t ON t.id = p.tenantId JOIN Strategy s ON s.id = p.strategyId JOIN Customer c ON c.id = p.customerId
      WHERE p.tenantId = ${tenantId} AND p.quantity > 0
        AND 'flatten' IN ${switches} AND NOT 'halt' IN ${switches}`,
  );
  return Number(rows[0]?.positions ?? 0);
}
