import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageWorker } from '@/testing/copying/stage';
import { getSignal } from '../copying-views/signals';
import type { Actor } from '../identity/actor';

const ENTRY = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };

describe('the receipts of a finished signal', () => {
  let stage: Stage;
  let worker: StageWorker;
  beforeEach(async () => {
    stage = await Stage.open();
    // The last one is too small for an order.
    await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.2' }, { followRatio: '0.000001' }]);
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  async function copied(fields: Record<string, unknown>): Promise<string> {
    const signalId = await stage.send(fields);
    await worker.copy(signalId);
    expect((await stage.signal(signalId)).status).toBe('done');
    return signalId;
  }

  it('are kept with it when none of them can change any more, and shown as they would be counted', async () => {
    const signalId = await copied(ENTRY);
    const counts = { total: 3, filled: 2, partial: 0, open: 0, denied: 1, rejected: 0, unknown: 0 };
    expect((await stage.signal(signalId)).receipts).toEqual({ counts, lastFilledAt: expect.any(String) });
    const actor = { tenantId: stage.tenantId, role: 'admin' } as unknown as Actor;
    const kept = await getSignal(stage, actor, signalId);
    expect(kept.counts).toEqual(counts);
    await stage.database.system.$executeRaw`UPDATE \`Signal\` SET receipts = NULL WHERE id = ${signalId}`;
    expect(await getSignal(stage, actor, signalId)).toEqual(kept);
  });

  it('are not kept while an entry rests at the venue, or where stop orders follow', async () => {
    const resting = await copied({ ...ENTRY, orderType: 'limit', limitPrice: '1000' });
    expect((await stage.signal(resting)).receipts).toBeNull();
    const stopped = await copied({ ...ENTRY, stopLoss: { percent: '5' } });
    expect((await stage.signal(stopped)).receipts).toBeNull();
  });
});
