import { newId, newToken, sha256 } from '@/platform/ids';
import type { BenchWorld } from '../bench-world';
import { percentile } from '../figures';
import type { Tenant } from '../followers';
import { instant } from '../instant';
import { type FullScan, findFullScans } from './explain';
import { makeTrades } from './trades';

const ROUNDS = 30;

export type QueryFigures = Readonly<
  Record<
    string,
    {
      readonly trades: number;
      /** By endpoint, ms. */
      readonly endpoints: Readonly<Record<string, { readonly p50Ms: number; readonly p95Ms: number }>>;
      readonly fullScans: readonly FullScan[];
    }
  >
>;

/** Lists and dashboard of the whole web process over many trades, and the plans of all their statements. */
export async function runQuery(
  world: BenchWorld,
  sizes: readonly number[],
  log: (line: string) => void,
): Promise<QueryFigures> {
  const figures: Record<string, QueryFigures[string]> = {};
  const web = await world.startWeb();
  try {
    for (const trades of sizes) {
      const tenant = await makeTrades(world, trades, log);
      const token = await makeApiToken(world, tenant);
      const paths = await pathsOf(world, tenant);
      const endpoints: Record<string, { p50Ms: number; p95Ms: number }> = {};
      for (const [name, path] of Object.entries(paths)) {
        const times: number[] = [];
        for (let round = 0; round <= ROUNDS; round += 1) {
          const ms = await ask(world, token, path);
          if (round > 0) times.push(ms);
        }
        times.sort((a, b) => a - b);
        const of = (share: number): number => Number(percentile(times, share).toPrecision(4));
        endpoints[name] = { p50Ms: of(0.5), p95Ms: of(0.95) };
        log(`query: ${trades} ${name} ${JSON.stringify(endpoints[name])}`);
      }
      const fullScans = await findFullScans(world, async () => {
        for (const path of Object.values(paths)) await ask(world, token, path);
      });
      figures[trades] = { trades, endpoints, fullScans };
    }
    return figures;
  } finally {
    await world.stop(web);
  }
}

async function makeApiToken(world: BenchWorld, tenant: Tenant): Promise<string> {
  const token = newToken();
  await world.database.forTenant(tenant.id).apiToken.create({
    data: { id: newId(), tenantId: tenant.id, name: 'Bench', tokenHash: sha256(token), prefix: 'bench', role: 'admin' },
  });
  return token;
}

async function pathsOf(world: BenchWorld, tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const db = world.database.forTenant(tenant.id);
  const last = await db.signal.findFirstOrThrow({ orderBy: { sequence: 'desc' } });
  const page = await db.trade.findFirstOrThrow({ where: { signalId: last.id } });
  const customer = tenant.customerIds[7] ?? '';
  return {
    dashboard: '/api/v1/dashboard',
    overview: `/api/v1/overview?customerId=${customer}`,
    signals: '/api/v1/signals?limit=50',
    signal: `/api/v1/signals/${last.id}`,
    receipts: `/api/v1/signals/${last.id}/receipts?limit=100`,
    receiptsDenied: `/api/v1/signals/${last.id}/receipts?limit=100&state=denied`,
    trades: '/api/v1/trades?limit=50',
    tradesOfCustomer: `/api/v1/trades?limit=50&customerId=${customer}`,
    tradesDenied: '/api/v1/trades?limit=50&status=denied',
    tradesOfStrategy: `/api/v1/trades?limit=50&strategyId=${tenant.strategyId}`,
    trade: `/api/v1/trades/${page.id}`,
    positions: '/api/v1/positions?limit=50',
    customers: '/api/v1/customers?limit=50',
    accounts: '/api/v1/exchange-accounts?limit=50',
    subscriptions: '/api/v1/subscriptions?limit=50',
  };
}

async function ask(world: BenchWorld, token: string, path: string): Promise<number> {
  const started = instant();
  const answer = await fetch(`${world.web}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return instant() - started;
}
