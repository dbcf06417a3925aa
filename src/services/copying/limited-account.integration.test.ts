import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage } from '@/testing/copying/stage';

describe('an account that takes no entries', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  it('is denied what opens, says why, and still closes what it holds', async () => {
    const [follower] = await stage.addFollowers([{}]);
    if (follower === undefined) throw new Error('no follower');
    const worker = await stage.worker();
    const copy = async (fields: Record<string, unknown>) => {
      const id = await stage.send(fields);
      await worker.copy(id);
      return stage.trades(id);
    };
    const open = { action: 'open', side: 'long', quantity: { unit: 'contracts', value: '1' } };
    expect(await copy(open)).toMatchObject([{ status: 'filled' }]);

    const problem = 'ISOLATED_UNAVAILABLE';
    await stage.db.exchangeAccount.updateMany({ data: { health: 'limited', healthCode: problem } });
    expect(await copy(open)).toMatchObject([{ status: 'denied', code: 'ACCOUNT_UNAVAILABLE', detail: { problem } }]);
    expect(await copy({ action: 'close' })).toMatchObject([{ status: 'filled' }]);
    expect(await stage.held(follower)).toBe('0');
  });
});
