import type { FlattenProgress, KillSwitchesView, StandingSwitchView } from '@/contracts/api/safety';
import type { KillSwitchScope } from '@/domain/risk/types';
import { Prisma } from '@/platform/database/database';
import type { Actor } from '../identity/actor';
import { optionalTimeText } from '../view-fields';
import type { WebContext } from '../web-context';
import { NOTHING, readFlattenProgress } from './flatten-progress';
import { PLATFORM_ROW } from './kill-switch-board';

const COLUMNS = { id: true, name: true, killSwitch: true, killSwitchAt: true } as const;
type Level = StandingSwitchView['level'];
type Row = { id: string; name: string; killSwitch: Level; killSwitchAt: Date | null };
type Progress = ReadonlyMap<KillSwitchScope, ReadonlyMap<string, FlattenProgress>>;

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
  const level = platform?.killSwitch ?? 'none';
  const rows: Readonly<Record<KillSwitchScope, readonly Row[]>> = {
    platform: [
      {
        id: String(PLATFORM_ROW),
        name: 'platform',
        killSwitch: level,
        killSwitchAt: platform?.killSwitchAt ?? null,
      },
    ],
    tenant: [tenant],
    strategy: strategies,
    customer: customers,
  };
  const flattening = SCOPES.filter((scope) => rows[scope].some(({ killSwitch }) => killSwitch === 'flatten'));
  const progress: Progress = new Map(
    await Promise.all(
      flattening.map(async (scope) => [scope, await readFlattenProgress(tables, tenantId, scope)] as const),
    ),
  );
  const views = (scope: KillSwitchScope) => rows[scope].map((row) => view(scope, row, progress));
  const [first] = views('platform');
  const [own] = views('tenant');
  if (first === undefined || own === undefined) throw new Error('A switch without its row');
  return {
    platform: { ...first, id: null },
    tenant: own,
    others: [...views('strategy'), ...views('customer')],
    toFlatten: flattening.length === 0 ? 0 : await countToFlatten(database, tenantId, level),
  };
}

const SCOPES = ['platform', 'tenant', 'strategy', 'customer'] as const satisfies readonly KillSwitchScope[];

function view(scope: KillSwitchScope, row: Row, progress: Progress): StandingSwitchView {
  const { id, name, killSwitch: level, killSwitchAt } = row;
  const flatten = level === 'flatten' ? (progress.get(scope)?.get(id) ?? NOTHING) : null;
  return { scope, id, name, level, since: optionalTimeText(killSwitchAt), flatten };
}

async function countToFlatten(database: WebContext['database'], tenantId: string, platform: Level): Promise<number> {
  const switches = Prisma.sql`(${platform}, t.killSwitch, s.killSwitch, c.killSwitch)`;
  const rows = await database.forTenant(tenantId).$queryRaw<{ positions: bigint }[]>(
    Prisma.sql`SELECT COUNT(*) AS positions FROM Position p
      JOIN Tenant t ON t.id = p.tenantId JOIN Strategy s ON s.id = p.strategyId JOIN Customer c ON c.id = p.customerId
      WHERE p.tenantId = ${tenantId} AND p.quantity > 0
        AND 'flatten' IN ${switches} AND NOT 'halt' IN ${switches}`,
  );
  return Number(rows[0]?.positions ?? 0);
}
