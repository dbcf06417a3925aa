import { expect, it } from 'vitest';
import type { OrderUpdate } from '@/exchanges/port';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';

it('the trade book does not wait for trades of another signal that are becoming rows', async () => {
  const stage = await Stage.open();
  const { deps } = await stage.worker({ streams: false });
  let release = (): void => undefined;
  const id = newId();
  deps.book.hold(
    [id],
    new Promise((resolve) => {
      release = resolve;
    }),
  );
  deps.book.report(stage.tenantId, { kind: 'expired', tradeId: id, code: 'STALE_SIGNAL', at: Date.now() });
  await expect(deps.book.drain()).resolves.toBeUndefined();
  release();
  await stage.close();
});

it('the trade book sets aside the news that no row holds, and writes that of all others', async () => {
  const stage = await Stage.open();
  const followers = await stage.addFollowers([{}, {}, {}]);
  const { deps } = await stage.worker({ streams: false });
  const at = new Date();
  const ids = followers.map(() => newId());
  const order = { leg: 'open', side: 'buy', positionSide: 'long', reduceOnly: false, orderType: 'market' } as const;
  await stage.db.trade.createMany({
    data: followers.map(({ subscriptionId, customerId, accountId }, index) => ({
      ...{ id: ids[index] ?? '', tenantId: stage.tenantId, signalId: newId(), strategyId: stage.strategyId },
      ...{ subscriptionId, customerId, accountId, instrumentId: 'okx:BTC-USDT-SWAP', ...order },
      ...{ leverage: '10', quantity: '5', status: 'live' as const, decision: {}, createdAt: at, updatedAt: at },
    })),
  });
  followers.forEach(({ accountId }, index) => {
    const symbol = 'BTC-USDT-SWAP';
    const update: OrderUpdate = {
      ...{ accountId, clientOrderId: ids[index] ?? '', venueOrderId: `${index}`, symbol, state: 'filled' },
      ...{
        filledQuantity: '5',
        averagePrice: '60000',
        fee: '-1',
        cancelCode: null,
        cause: 'order',
        leverage: null,
        updatedAt: Date.now(),
        fill: null,
      },
    };
    // Three times the digits of a column.
    const poisoned = index === 1 ? { ...update, fee: `-${'9'.repeat(54)}` } : update;
    deps.book.report(stage.tenantId, { kind: 'venue', tradeId: ids[index] ?? '', update: poisoned, fills: [] });
  });
  await deps.book.drain({ tenantId: stage.tenantId, tradeIds: ids });
  const trades = await Promise.all(ids.map((id) => stage.db.trade.findUniqueOrThrow({ where: { id } })));
  expect(trades.map(({ status, code }) => code ?? status)).toEqual(['filled', 'NEWS_UNWRITABLE', 'filled']);
  const held = await Promise.all(followers.map((follower) => stage.held(follower)));
  expect(held).toEqual(['5', '0', '5']);
  await stage.close();
});
