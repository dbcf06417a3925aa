import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reviveApproved } from '@/domain/risk/assess';
import { Stage, type StageWorker, until } from '@/testing/copying/stage';
import { copySignal } from '../copying/copy-signal';
import { openAccounts } from './accounts';
import { OrderExecutor } from './order-executor';
import { readSignalTrades } from './trade-record';

describe('bringing an order to the venue', () => {
  let stage: Stage;
  let worker: StageWorker;

  beforeEach(async () => {
    stage = await Stage.open();
    await stage.addFollowers([{ followRatio: '0.1' }]);
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  it('sends nothing while the rows cannot be written, and the order once when they can', async () => {
    const signalId = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
    const stopped = new AbortController();
    await copySignal({ ...worker.deps, publish: async () => stopped.abort() }, signalId, stopped.signal);
    const [trade] = await readSignalTrades(stage.db, stage.tenantId, signalId);
    if (trade === undefined) throw new Error('no trade');
    const accounts = await openAccounts(stage.db, stage.cipher, stage.tenantId, [trade.accountId]);
    const account = accounts.get(trade.accountId);
    if (account === undefined) throw new Error('no account');

    let failures = 3;
    const executor = new OrderExecutor({
      ...worker.deps,
      report: (tenantId, report) => worker.deps.book.report(tenantId, report),
      extendSendBy: async () => {
        expect(await stage.venueOrders()).toHaveLength(0);
        failures -= 1;
        if (failures >= 0) throw new Error('the database is away');
        return true;
      },
    });
    const item = { trade: { ...trade, sendBy: 0 }, account, approved: reviveApproved({ ...trade, leg: 'open' }) };
    const limits = { freshUntil: Date.now() + 20_000, maySend: () => true, signal: new AbortController().signal };
    await executor.execute(item, limits, false);
    await until(async () => (await stage.venueOrders()).length === 1, 'the order is at the venue');
  });
});
