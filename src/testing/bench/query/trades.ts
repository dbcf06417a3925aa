import { Prisma } from '@/platform/database/database';
import { type BenchWorld, INSTRUMENT } from '../bench-world';
import { makeTenant, type Tenant } from '../followers';

const FOLLOWERS = 1000;
/** Signals of one statement: bounds a transaction to so many thousand rows. */
const SIGNALS_AT_ONCE = 10;
/** The newest signals also have fills and open positions. */
const FILLED_SIGNALS = 20;

/** A decision as receipts show it. */
const DECISION = JSON.stringify({
  steps: [{ label: 'ratio_times_leader', expression: '0.19 × 100 × 0.01 ÷ 0.01', value: '19' }],
  checks: [
    { rule: 'kill_switch', value: 'none', limit: 'none', passed: true },
    { rule: 'order_minimum', value: '19', limit: '0.01', passed: true },
    { rule: 'order_cap', value: '0.01%', limit: '5%', passed: true },
    { rule: 'balance', value: '1140', limit: '10000000', passed: true },
  ],
  debtAfter: '0',
});

/** Secondary indexes that are built once at the end: rows by the million are then sorted instead of inserted one by one. */
const LATE_INDEXES: Readonly<Record<string, string>> = {
  Trade_tenantId_createdAt_id_idx: 'tenantId, createdAt, id',
  Trade_tenantId_customerId_createdAt_id_idx: 'tenantId, customerId, createdAt, id',
  Trade_tenantId_strategyId_createdAt_id_idx: 'tenantId, strategyId, createdAt, id',
  Trade_tenantId_status_createdAt_id_idx: 'tenantId, status, createdAt, id',
  Trade_status_updatedAt_idx: 'status, updatedAt',
  Trade_accountId_status_idx: 'accountId, status',
};

/**
 * A tenant with this many trades: a thousand followers, a signal for every thousand trades, spread over the last 30 days, a tenth
 * denied. Written by SQL alone.
 */
export async function makeTrades(world: BenchWorld, trades: number, log: (line: string) => void): Promise<Tenant> {
  const tenant = await makeTenant(world, FOLLOWERS);
  const { system } = world.database;
  const signals = Math.ceil(trades / FOLLOWERS);
  const minutes = (30 * 24 * 60) / signals;
  // A recursive query ends after a thousand rounds.
  const numbers = JSON.stringify(Array.from({ length: signals }, (_, index) => index + 1));
  const started = Date.now();
  const columns = await system.$queryRaw<{ name: string }[]>(
    Prisma.sql`SELECT DISTINCT INDEX_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'Trade'`,
  );
  const there = new Set(columns.map(({ name }) => name));
  const late = Object.entries(LATE_INDEXES).filter(([name]) => there.has(name));
  await system.$executeRawUnsafe(`ALTER TABLE Trade ${late.map(([name]) => `DROP INDEX \`${name}\``).join(', ')}`);
  await system.$executeRaw(
    Prisma.sql`INSERT INTO \`Signal\` (id, tenantId, sourceId, instrumentId, idempotencyKey, format, status, intent, rawBody, plan,
        claimToken, sentAt, expiresAt, receivedAt, plannedAt, firstSentAt, lastAckAt, doneAt)
      SELECT CONCAT(LPAD(LOWER(HEX(k)), 12, '0'), ${tenant.id.slice(12)}), ${tenant.id}, ${tenant.sourceId}, ${INSTRUMENT}, CONCAT('made-', k), 'native', 'done',
        '{"symbol":"BTC-USDT-SWAP","action":"open","side":"long","size":{"unit":"base","value":"1"},"orderType":"market","limitPrice":null,"referencePrice":null}',
        '{}', '{"before":{"side":null,"quantity":"0"},"after":{"side":"long","quantity":"100"}}', 1, t, t, t, t, t, t, t
      FROM (SELECT k, NOW(3) - INTERVAL FLOOR((${signals} - k) * ${minutes}) MINUTE AS t FROM JSON_TABLE(${numbers}, '$[*]' COLUMNS (k INT PATH '$')) n) made`,
  );
  for (let from = 1; from <= signals; from += SIGNALS_AT_ONCE) {
    const to = Math.min(signals, from + SIGNALS_AT_ONCE - 1);
    await system.$executeRaw(
      Prisma.sql`INSERT INTO Trade (id, tenantId, signalId, strategyId, subscriptionId, customerId, accountId, instrumentId, leg, side,
          positionSide, reduceOnly, orderType, leverage, quantity, decisionPrice, status, code, detail, decision, venueOrderId, sendBy,
          attempts, filledQuantity, filledValue, fee, bookedQuantity, bookedValue, createdAt, sentAt, ackedAt, filledAt, updatedAt)
        SELECT CONCAT(LEFT(g.id, 12), LEFT(s.id, 11), RIGHT(s.id, 9)), g.tenantId, g.id, s.strategyId, s.id, s.customerId, s.accountId, g.instrumentId,
          'open', 'buy', 'long', 0, 'market', 10, 10, 60000, IF(denied, 'denied', 'filled'), IF(denied, 'BELOW_MINIMUM', NULL),
          IF(denied, '{"symbol":"BTC-USDT-SWAP","minimum":"0.0001","currency":"BTC"}', NULL), ${DECISION}, IF(denied, NULL, LEFT(s.id, 20)), g.receivedAt, IF(denied, 0, 1),
          IF(denied, 0, 10), IF(denied, 0, 6000), IF(denied, 0, -3), IF(denied, 0, 10), IF(denied, 0, 6000), g.receivedAt,
          IF(denied, NULL, g.receivedAt), IF(denied, NULL, g.receivedAt), IF(denied, NULL, g.receivedAt), g.receivedAt
        FROM (SELECT * FROM \`Signal\` WHERE tenantId = ${tenant.id} AND idempotencyKey IN (${Prisma.join(namesOf(from, to))})) g
        JOIN (SELECT s.*, CRC32(s.id) % 10 = 0 AS denied FROM Subscription s WHERE s.tenantId = ${tenant.id}) s`,
    );
    if (from % 500 === 1)
      log(`query: ${to} of ${signals} signals made in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  await system.$executeRaw(
    Prisma.sql`INSERT INTO Fill (id, tenantId, tradeId, accountId, instrumentId, venueFillId, quantity, price, fee, feeCurrency, filledAt)
      SELECT CONCAT('f', LEFT(t.id, 31)), t.tenantId, t.id, t.accountId, t.instrumentId, LEFT(t.id, 32), 10, 60000, -3, 'USDT', t.filledAt
      FROM Trade t WHERE t.tenantId = ${tenant.id} AND t.status = 'filled'
        AND t.signalId IN (SELECT id FROM \`Signal\` WHERE tenantId = ${tenant.id} AND idempotencyKey IN (${Prisma.join(namesOf(signals - FILLED_SIGNALS + 1, signals))}))`,
  );
  // As the end of a signal keeps them.
  await system.$executeRaw(
    Prisma.sql`UPDATE \`Signal\` g JOIN (
        SELECT signalId, COUNT(*) AS total, SUM(status = 'denied') AS denied FROM Trade WHERE tenantId = ${tenant.id} GROUP BY signalId
      ) t ON t.signalId = g.id
      SET g.receipts = JSON_OBJECT('counts', JSON_OBJECT('total', t.total, 'filled', t.total - t.denied, 'partial', 0, 'open', 0,
        'denied', t.denied, 'rejected', 0, 'unknown', 0), 'lastFilledAt', DATE_FORMAT(g.lastAckAt, '%Y-%m-%dT%H:%i:%s.000Z'))
      WHERE g.tenantId = ${tenant.id}`,
  );
  await system.$executeRaw(
    Prisma.sql`INSERT INTO \`Position\` (subscriptionId, instrumentId, side, tenantId, customerId, accountId, strategyId, quantity, cost, leverage, openedAt, updatedAt)
      SELECT s.id, ${INSTRUMENT}, 'long', s.tenantId, s.customerId, s.accountId, s.strategyId, 10, 6000, 10, NOW(3), NOW(3)
      FROM Subscription s WHERE s.tenantId = ${tenant.id}`,
  );
  const added = late.map(([name, list]) => `ADD INDEX \`${name}\` (${list})`).join(', ');
  await system.$executeRawUnsafe(`ALTER TABLE Trade ${added}`);
  await system.$executeRawUnsafe('ANALYZE TABLE Trade, `Signal`, Fill, Position');
  log(`query: ${trades} trades made in ${Math.round((Date.now() - started) / 1000)} s`);
  return tenant;
}

function namesOf(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `made-${from + index}`);
}
