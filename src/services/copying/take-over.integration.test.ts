import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { copySignal } from './copy-signal';
import { settleStragglers } from './sweep';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };
const REVERSE = { action: 'open', side: 'short', quantity: { unit: 'base', value: '2' } };
const ORDER = { method: 'POST', path: '/api/v5/trade/order' };
const LEVERAGE = { method: 'POST', path: '/api/v5/account/set-leverage' };

describe('taking a signal over', () => {
  let stage: Stage;
  let worker: StageWorker;
  let follower: StageFollower;

  beforeEach(async () => {
    stage = await Stage.open();
    const [added] = await stage.addFollowers([{ followRatio: '0.1' }]);
    if (added === undefined) throw new Error('no follower');
    follower = added;
    worker = await stage.worker();
  });
  afterEach(() => stage.close());

  it('does not open the other side when the close was refused before the worker went', async () => {
    await worker.copy(await stage.send(OPEN));
    const signalId = await stage.send(REVERSE);
    await stage.control('faults', { kind: 'refuse', code: '51008', match: ORDER, count: 1 });
    const lost = await stage.worker({ name: 'lost', streams: false });
    const dying = new AbortController();
    lost.deps.book.subscribe((trades) => {
      if (trades.some((trade) => trade.status === 'rejected')) dying.abort();
    });
    await lost.copy(signalId, dying.signal);
    expect((await stage.trades(signalId)).map((trade) => trade.status).sort()).toEqual(['planned', 'rejected']);
    await worker.copy(signalId);
    const open = (await stage.trades(signalId)).find((trade) => trade.leg === 'open');
    expect(open).toMatchObject({ status: 'expired', code: 'CLOSE_NOT_FILLED' });
    expect(await stage.venueOrders()).toHaveLength(1);
    expect(await stage.held(follower)).toBe('10');
  });

  it('does not send an order whose leverage could not be set', async () => {
    const signalId = await stage.send(OPEN);
    const dying = new AbortController();
    const lost = await stage.worker({ name: 'lost', streams: false });
    await copySignal({ ...lost.deps, publish: async () => dying.abort() }, signalId, dying.signal);
    expect((await stage.trades(signalId)).map((trade) => trade.status)).toEqual(['planned']);
    await stage.control('faults', { kind: 'refuse', code: '51000', match: LEVERAGE });
    await worker.copy(signalId);
    expect((await stage.trades(signalId))[0]).toMatchObject({ status: 'expired', code: 'LEVERAGE_51000' });
    expect(await stage.venueOrders()).toHaveLength(0);
  });

  describe('whose account has a key that does not open', () => {
    const settle = () => settleStragglers(worker.deps, () => true, AbortSignal.timeout(10_000), 0);
    const account = { id: '' };
    let credentials = '';

    /** A worker that is gone left an order, and its account's key was damaged. */
    async function leave(dies: 'before' | 'after'): Promise<string> {
      const lost = await stage.worker({ name: 'lost', streams: false });
      const dying = new AbortController();
      const signalId = await stage.send(OPEN);
      if (dies === 'before') {
        await copySignal({ ...lost.deps, publish: async () => dying.abort() }, signalId, dying.signal);
      } else {
        await lost.copy(signalId);
        const unwritten = { status: 'planned', venueOrderId: null, attempts: 0, filledQuantity: '0' } as const;
        await stage.db.trade.updateMany({ where: { signalId }, data: unwritten });
        await stage.db.signal.updateMany({ where: { id: signalId }, data: { status: 'dispatching', doneAt: null } });
      }
      account.id = follower.accountId;
      ({ credentials } = await stage.db.exchangeAccount.findUniqueOrThrow({ where: account }));
      await stage.db.exchangeAccount.updateMany({ where: account, data: { credentials: 'no key' } });
      return signalId;
    }

    const restore = () => stage.db.exchangeAccount.updateMany({ where: account, data: { credentials } });

    it('ends the signal, says that nobody knows, and asks once the key opens again', async () => {
      const signalId = await leave('before');
      await worker.copy(signalId);
      expect((await stage.signal(signalId)).status).toBe('done');
      expect((await stage.trades(signalId))[0]).toMatchObject({ status: 'unknown', code: 'CREDENTIALS_UNREADABLE' });
      await settle();
      expect((await stage.trades(signalId))[0]?.status).toBe('unknown');
      await restore();
      await settle();
      expect((await stage.trades(signalId))[0]).toMatchObject({ status: 'expired', code: 'CREDENTIALS_UNREADABLE' });
      expect(await stage.venueOrders()).toHaveLength(0);
    });

    it('books what the gone worker had placed', async () => {
      const quiet = { kind: 'push-drop', match: { channel: 'orders' } };
      await stage.control('faults', quiet);
      await worker.close();
      worker = await stage.worker({ streams: false });
      const signalId = await leave('after');
      await stage.db.position.deleteMany({});
      await stage.db.trade.updateMany({
        where: { signalId },
        data: { bookedQuantity: '0', bookedValue: '0', filledValue: '0' },
      });
      await worker.copy(signalId);
      expect((await stage.trades(signalId))[0]?.status).toBe('unknown');
      await restore();
      await settle();
      expect((await stage.trades(signalId))[0]?.status).toBe('filled');
      expect(await stage.held(follower)).toBe('10');
      expect(await stage.venueOrders()).toHaveLength(1);
    });
  });

  it('is not begun by a worker that is stopping', async () => {
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId, AbortSignal.abort());
    expect((await stage.signal(signalId)).status).toBe('received');
  });
});
