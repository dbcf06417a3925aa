import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { Stage, type StageFollower } from '@/testing/copying/stage';
import { readAccountBook } from '../reconciliation/account-book';
import { type PlannedTradeRow, planAhead, unfoldPlan, writeAcceptances } from './written-plan';

let stage: Stage;
let signalId: string;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
  signalId = newId();
});
afterEach(() => stage.close());

function planned({ subscriptionId, customerId, accountId }: StageFollower, quantity: string): PlannedTradeRow {
  const at = new Date();
  return {
    id: newId(),
    signalId,
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
    orderType: 'market',
    limitPrice: null,
    leverage: '10',
    quantity,
    decisionPrice: '60000.1',
    status: 'planned',
    code: null,
    sendBy: at,
    createdAt: at,
    updatedAt: at,
    detail: null,
    decision: JSON.stringify({ steps: 'a¦"b" \\ ÷¦c', checks: '' }),
  };
}

async function write(): Promise<readonly PlannedTradeRow[]> {
  const rows = stage.followers.map((follower, index) => planned(follower, `${index + 1}.000000000000000001`));
  await writePart(0, rows);
  return rows;
}

async function writePart(part: number, rows: readonly PlannedTradeRow[]): Promise<void> {
  const { tenantId, database } = stage;
  for (const statement of planAhead({ tenantId, signalId }, part, rows, new Date())) {
    await database.statements.$executeRaw(statement);
  }
}

describe('a plan that was written ahead', () => {
  it('becomes the rows that were written, once, however many unfold it at the same time', async () => {
    const rows = await write();
    expect(await stage.trades(signalId)).toEqual([]);
    await Promise.all([1, 2, 3].map(() => unfoldPlan(stage.database.statements, stage.tenantId, signalId)));
    const trades = await stage.db.trade.findMany({ where: { signalId }, orderBy: { id: 'asc' } });
    expect(trades.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort());
    const first = trades.find(({ id }) => id === rows[0]?.id);
    expect(first).toMatchObject({ status: 'planned', leg: 'open', limitPrice: null, reduceOnly: false });
    expect(first?.quantity.toFixed()).toBe('1.000000000000000001');
    expect(first?.decision).toEqual({ steps: 'a¦"b" \\ ÷¦c', checks: '' });
    expect(await stage.db.writtenPlan.count({ where: {} })).toBe(0);
  });

  it('has the decisions that were written in pieces whole again, whether they share them or not', async () => {
    const [follower] = stage.followers;
    if (follower === undefined) throw new Error('no follower');
    const ofMost = ['{"steps":"', '¦', '","checks":"', '"}'];
    const alone = ['{"checks":"', '"}'];
    const decisions = [
      { literals: ofMost, values: ['a \\"b\\"', '1', 'same'] },
      { literals: ofMost, values: ['⌊2 ÷ 3⌋', '', 'same'] },
      { literals: ofMost, values: ['long '.repeat(100), '3', 'same'] },
      { literals: alone, values: ['denied'] },
    ];
    const trades = decisions.map((decision, index) => ({
      ...planned({ ...follower, subscriptionId: newId() }, String(index + 1)),
      decision,
    }));
    await writePart(0, trades);
    // One that shares everything with itself.
    const lone = { ...planned({ ...follower, subscriptionId: newId() }, '5'), decision: trades[0]?.decision ?? '' };
    await writePart(1, [lone]);
    await unfoldPlan(stage.database.statements, stage.tenantId, signalId);
    const rows = await stage.db.trade.findMany({ where: { signalId }, orderBy: { quantity: 'asc' } });
    expect(rows.map(({ decision }) => decision)).toEqual([
      { steps: 'a "b"¦1', checks: 'same' },
      { steps: '⌊2 ÷ 3⌋¦', checks: 'same' },
      { steps: `${'long '.repeat(100)}¦3`, checks: 'same' },
      { checks: 'denied' },
      { steps: 'a "b"¦1', checks: 'same' },
    ]);
  });

  it('keeps the values of one text apart from those of another, and a text from none', async () => {
    const [follower] = stage.followers;
    if (follower === undefined) throw new Error('no follower');
    const literals = ['{"a":"', '"}'];
    const text = (value: string) => ({ literals, values: [value] });
    const long = 'long '.repeat(100);
    const parts = [
      [
        { decision: text('1'), detail: text('5') },
        { decision: text(long), detail: text('6') },
        { decision: text('3'), detail: text('7') },
      ],
      [
        { decision: text('1'), detail: text('8') },
        { decision: text('1'), detail: null },
      ],
    ];
    const { statements } = stage.database;
    for (const [part, texts] of parts.entries()) {
      const rows = texts.map((own, index) => ({
        ...planned({ ...follower, subscriptionId: newId() }, String(10 * part + index + 1)),
        ...own,
      }));
      await writePart(part, rows);
    }
    await unfoldPlan(statements, stage.tenantId, signalId);
    const trades = await stage.db.trade.findMany({ where: { signalId }, orderBy: { quantity: 'asc' } });
    expect(trades.map(({ decision }) => decision)).toEqual(['1', long, '3', '1', '1'].map((a) => ({ a })));
    expect(trades.map(({ detail }) => detail)).toEqual([{ a: '5' }, { a: '6' }, { a: '7' }, { a: '8' }, null]);
  });

  it('becomes rows with the answers that were written beside it, and without them where there were none', async () => {
    const [taken, silent] = await write();
    const [sentAt, ackedAt] = [Date.UTC(2026, 0, 31, 12, 0, 0, 123), Date.UTC(2026, 0, 31, 12, 0, 1, 4)];
    const answers = [{ id: String(taken?.id), venueOrderId: '17', sentAt, ackedAt }];
    const { statements } = stage.database;
    await writeAcceptances(statements, stage.tenantId, signalId, new Map([[0, answers]]));
    expect([...(await unfoldPlan(statements, stage.tenantId, signalId))]).toEqual([0]);
    const row = (id: unknown) => stage.db.trade.findUniqueOrThrow({ where: { id: String(id) } });
    expect(await row(taken?.id)).toMatchObject({
      status: 'live',
      attempts: 1,
      venueOrderId: '17',
      sentAt: new Date(sentAt),
      ackedAt: new Date(ackedAt),
      updatedAt: new Date(ackedAt),
    });
    expect(await row(silent?.id)).toMatchObject({
      status: 'planned',
      attempts: 0,
      venueOrderId: null,
      sentAt: null,
      ackedAt: null,
      updatedAt: silent?.updatedAt,
    });
  });

  it('says which of its parts became rows with answers', async () => {
    const parts = stage.followers.map((follower) => planned(follower, '1'));
    const { statements } = stage.database;
    for (const [part, trade] of parts.entries()) {
      await writePart(part, [trade]);
    }
    const answers = [{ id: String(parts[1]?.id), venueOrderId: '17', sentAt: 1, ackedAt: 2 }];
    await writeAcceptances(statements, stage.tenantId, signalId, new Map([[1, answers]]));
    expect([...(await unfoldPlan(statements, stage.tenantId, signalId))]).toEqual([1]);
    expect([...(await unfoldPlan(statements, stage.tenantId, signalId))]).toEqual([]);
    const rows = new Map((await stage.db.trade.findMany({ where: { signalId } })).map((row) => [row.id, row.status]));
    expect(parts.map(({ id }) => rows.get(String(id)))).toEqual(['planned', 'live']);
  });

  it('has room for many thousands of trades, in as many parts as they were written in', async () => {
    const [follower] = stage.followers;
    if (follower === undefined) throw new Error('no follower');
    const rows = Array.from({ length: 2501 }, () => planned({ ...follower, subscriptionId: newId() }, '1'));
    for (const [part, trades] of [rows.slice(0, 1), rows.slice(1)].entries()) {
      await writePart(part, trades);
    }
    await unfoldPlan(stage.database.statements, stage.tenantId, signalId);
    expect(await stage.db.trade.count({ where: { signalId } })).toBe(2501);
    expect(await stage.db.writtenPlan.count({ where: {} })).toBe(0);
  });

  it('is unfolded for news of one of its trades', async () => {
    const [first] = await write();
    const worker = await stage.worker({ streams: false });
    const tradeId = String(first?.id);
    worker.deps.book.report(stage.tenantId, { kind: 'expired', tradeId, code: 'STALE_SIGNAL', at: Date.now() });
    await worker.deps.book.drain();
    const trades = await stage.trades(signalId);
    expect(trades.map(({ status }) => status).sort()).toEqual(['expired', 'planned']);
  });

  it('counts as unsettled in its accounts, so that nobody takes its fills for drift, and in no others', async () => {
    const [one, another] = stage.followers as [StageFollower, StageFollower];
    const unsettled = ({ accountId }: StageFollower) =>
      readAccountBook(stage.db, { tenantId: stage.tenantId, accountId }).then((book) => book.unsettled);
    expect([await unsettled(one), await unsettled(another)]).toEqual([0, 0]);
    await writePart(0, [planned(one, '1')]);
    expect([await unsettled(one), await unsettled(another)]).toEqual([1, 0]);
    await writePart(1, [planned(one, '1'), planned(another, '2')]);
    expect([await unsettled(one), await unsettled(another)]).toEqual([2, 1]);
  });
});

describe('a plan with a row that no table holds', () => {
  const stored = async (rows: readonly PlannedTradeRow[], change: (json: string) => string) => {
    await writePart(0, rows);
    const [plan] = await stage.db.writtenPlan.findMany();
    await stage.db.writtenPlan.updateMany({
      data: { trades: change(plan?.trades ?? ''), shape: change(plan?.shape ?? '') },
    });
  };
  const unfolded = async () => {
    await unfoldPlan(stage.database.statements, stage.tenantId, signalId);
    expect(await stage.db.writtenPlan.count()).toBe(0);
    const trades = await stage.db.trade.findMany({ orderBy: { id: 'asc' } });
    return trades.map(({ id, status, code, quantity, venueOrderId }) => {
      return [id, status, code, quantity.toFixed(), venueOrderId];
    });
  };

  it('becomes rows all the same: that one without its figures, to be asked for', async () => {
    const rows = stage.followers.map((follower, index) => ({
      ...planned(follower, `${index + 1}`),
      code: `C${index}`,
    }));
    await stored(rows, (json) => json.replace('"C1"', `"${'X'.repeat(61)}"`));
    const [first, second] = rows.map(({ id }) => id);
    const [expected, bad] = [
      [first, 'planned', 'C0', '1', null],
      [second, 'unknown', 'DECISION_FAILED', '0', null],
    ];
    // Ids of one millisecond come in any order.
    const found = await unfolded();
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining([expected, bad]));
  });

  it('becomes rows where no row of it can be held, and keeps what the venue answered', async () => {
    const [follower] = stage.followers;
    if (follower === undefined) throw new Error('There is no follower');
    const row = planned(follower, '7');
    await stored([row], (json) => json.replace('"7"', '"9999999999999999999"'));
    const taken = [{ id: String(row.id), venueOrderId: '42', sentAt: Date.now(), ackedAt: Date.now() }];
    await writeAcceptances(stage.database.statements, stage.tenantId, signalId, new Map([[0, taken]]));
    expect(await unfolded()).toEqual([[row.id, 'unknown', 'DECISION_FAILED', '0', '42']]);
  });
});
