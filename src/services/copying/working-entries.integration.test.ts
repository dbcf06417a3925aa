import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { type PlannedTradeRow, planAhead } from '../execution/written-plan';

/** Far below the market: one coin at 40,000 and 10× binds 4 % of 100,000. */
const RESTING = {
  action: 'open',
  side: 'long',
  quantity: { unit: 'base', value: '1' },
  orderType: 'limit',
  limitPrice: '40000',
};
const ETH = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' }, instrument: 'ETH-USDT-SWAP' };

let stage: Stage;
let worker: StageWorker;
let follower: StageFollower;

beforeEach(async () => {
  stage = await Stage.open();
  const [added] = await stage.addFollowers([{ followRatio: '1' }]);
  if (added === undefined) throw new Error('no follower');
  follower = added;
  await limit({ maxSymbolShare: '0.1', maxTotalShare: '0.1' });
  worker = await stage.worker();
});
afterEach(() => stage.close());

async function limit(data: { maxSymbolShare: string; maxTotalShare: string }): Promise<void> {
  await stage.db.subscription.updateMany({ where: { accountId: follower.accountId }, data });
}

async function copied(fields: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const signalId = await stage.send(fields);
  await worker.copy(signalId);
  return (await stage.trades(signalId)).map(({ status, code }) => code ?? status);
}

describe('entries that may still fill', () => {
  it('count against the limit of their symbol, one after the other', async () => {
    await limit({ maxSymbolShare: '0.1', maxTotalShare: '1' });
    expect(await copied(RESTING)).toEqual(['live']);
    expect(await copied(RESTING)).toEqual(['live']);
    expect(await copied(RESTING)).toEqual(['SYMBOL_EXPOSURE']);
    expect(await copied(ETH)).toEqual(['filled']);
  });

  it('count against the limit of the account in other symbols', async () => {
    await copied(RESTING);
    await copied(RESTING);
    await limit({ maxSymbolShare: '1', maxTotalShare: '0.08' });
    expect(await copied(ETH)).toEqual(['TOTAL_EXPOSURE']);
  });

  it('count no more once they are taken back', async () => {
    await copied(RESTING);
    await copied(RESTING);
    const [mine] = await stage.venueOrders();
    await copied({ action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '100' } });
    expect((await stage.venueOrders()).map(({ state }) => state)).toEqual(['canceled', 'canceled']);
    expect(mine?.account).toBe(follower.venueAccount);
    expect(await copied(RESTING)).toEqual(['live']);
  });

  it('count when another signal has decided them a moment ago and they are no rows yet', async () => {
    const { tenantId, database } = stage;
    const entry = { instrumentId: 'okx:BTC-USDT-SWAP', limitPrice: '40000', quantity: '200' };
    const rows: PlannedTradeRow[] = [plannedEntry(entry), plannedEntry({ ...entry, leg: 'close' })];
    for (const statement of planAhead({ tenantId, signalId: newId() }, 0, rows, new Date())) {
      await database.statements.$executeRaw(statement);
    }
    expect(await copied(RESTING)).toEqual(['SYMBOL_EXPOSURE']);
    await limit({ maxSymbolShare: '1', maxTotalShare: '0.08' });
    expect(await copied(ETH)).toEqual(['TOTAL_EXPOSURE']);
    await limit({ maxSymbolShare: '0.04', maxTotalShare: '0.13' });
    expect(await copied(ETH)).toEqual(['filled']);
  });

  it.each([
    ['a size that is no number', '["x"]'],
    ['no JSON', '[["'],
  ])('are looked at as rows where their plan holds %s', async (_what, trades) => {
    const { tenantId, database } = stage;
    const [one, two] = [plannedEntry({ quantity: '1' }), plannedEntry({ quantity: '2' })];
    for (const statement of planAhead({ tenantId, signalId: newId() }, 0, [one, two], new Date())) {
      await database.statements.$executeRaw(statement);
    }
    const broken = trades.startsWith('[[') ? trades : undefined;
    const { trades: written } = await stage.db.writtenPlan.findFirstOrThrow();
    await stage.db.writtenPlan.updateMany({ data: { trades: broken ?? String(written).replaceAll('"2"', '"x"') } });
    expect(await copied(ETH)).toEqual(['filled']);
  });

  it('count when another strategy of the same signal enters with the same account', async () => {
    const first = await stage.db.strategy.findFirstOrThrow({ omit: { symbols: true } });
    const strategyId = newId();
    await stage.db.strategy.create({ data: { ...first, id: strategyId, name: 'Second' } });
    const subscription = await stage.db.subscription.findFirstOrThrow();
    await stage.db.subscription.create({ data: { ...subscription, id: newId(), strategyId } });
    await limit({ maxSymbolShare: '0.06', maxTotalShare: '1' });
    expect([...(await copied(RESTING))].sort()).toEqual(['SYMBOL_EXPOSURE', 'live']);
  });
});

function plannedEntry(fields: Partial<PlannedTradeRow>): PlannedTradeRow {
  const at = new Date();
  const { subscriptionId, customerId, accountId } = follower;
  return {
    id: newId(),
    signalId: newId(),
    strategyId: stage.strategyId,
    subscriptionId,
    customerId,
    accountId,
    instrumentId: 'okx:BTC-USDT-SWAP',
    leg: 'open',
    round: 0,
    side: 'buy',
    positionSide: 'long',
    reduceOnly: false,
    orderType: 'limit',
    limitPrice: null,
    leverage: '10',
    quantity: '1',
    decisionPrice: '60000',
    status: 'planned',
    code: null,
    sendBy: at,
    createdAt: at,
    updatedAt: at,
    detail: null,
    decision: JSON.stringify({ steps: '', checks: '' }),
    ...fields,
  };
}
