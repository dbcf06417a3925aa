import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from '@/testing/copying/stage';
import { applyPlacement, revisionOf } from './apply-report';
import { plainAcceptance, writePlainAcceptances } from './plain-acceptances';
import { readSignalTrades } from './trade-record';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

it('writes what is plain in one statement, and leaves alone what a push has told already', async () => {
  await stage.addFollowers([{}, {}, {}]);
  const worker = await stage.worker();
  const signalId = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
  await worker.copy(signalId);
  const [pushed, ...planned] = await readSignalTrades(stage.db, stage.tenantId, signalId);
  if (pushed === undefined) throw new Error('Nothing was copied');
  // As they were when they were sent; the first one's fill was faster than its answer.
  const ids = planned.map(({ id }) => id);
  await stage.db.trade.updateMany({
    where: { id: { in: ids } },
    data: { status: 'planned', attempts: 0, ackedAt: null, venueOrderId: null, filledQuantity: 0 },
  });
  const accepted = [pushed, ...planned].map((trade, index) => {
    const sent = { ...trade, status: 'planned', attempts: 0, ackedAt: null, code: null } as const;
    const outcome = { kind: 'accepted', venueOrderId: `v${index}`, at: 2000 } as const;
    const report = { kind: 'placement', tradeId: trade.id, outcome, attempt: 1, sentAt: 1000, trade: sent } as const;
    expect(plainAcceptance([report, report])).toBeNull();
    const plain = plainAcceptance([report]);
    if (plain === null) throw new Error('It is plain');
    expect(applyPlacement(revisionOf(sent), report)).toMatchObject(plain);
    return plain;
  });
  const next = { id: planned[0]?.id, status: 'live', venueOrderId: 'v1', attempts: 1, sentAt: 1000, ackedAt: 2000 };
  expect(accepted[1]).toMatchObject(next);

  expect(await writePlainAcceptances(stage.db, stage.tenantId, accepted)).toBe(false);
  const rows = await stage.db.trade.findMany({ where: { signalId }, orderBy: { id: 'asc' } });
  expect(rows.map(({ status }) => status)).toEqual(['filled', 'live', 'live']);
  expect(rows[1]).toMatchObject({ venueOrderId: 'v1', attempts: 1, sentAt: new Date(1000), ackedAt: new Date(2000) });
});
