import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EffectPlane } from '@/platform/effects';
import { Stage, type StageWorker } from '@/testing/copying/stage';

/** Far from the market: these orders rest. */
const RESTING = {
  action: 'open',
  side: 'long',
  quantity: { unit: 'base', value: '1' },
  orderType: 'limit',
  limitPrice: '1000',
};

/** Lets the first two statements of this name go only once both are there. */
function meetBefore(statement: string): EffectPlane {
  let arrived = 0;
  let go = (): void => undefined;
  const both = new Promise<void>((resolve) => {
    go = resolve;
  });
  return {
    async perform(effect, act) {
      if (effect.name.startsWith(statement)) {
        arrived += 1;
        if (arrived === 2) go();
        await both;
      }
      return act();
    },
    onDeath: () => () => undefined,
  };
}

describe('booking fills', () => {
  let stage: Stage;
  let worker: StageWorker;

  beforeEach(async () => {
    stage = await Stage.open();
    await stage.addFollowers(Array.from({ length: 10 }, () => ({ followRatio: '0.1' })));
    worker = await stage.worker({ streams: false });
  });
  afterEach(() => stage.close());

  async function restingTrades(): Promise<Awaited<ReturnType<Stage['trades']>>> {
    const signalId = await stage.send(RESTING);
    await worker.copy(signalId);
    const trades = await stage.trades(signalId);
    expect(trades.map((trade) => trade.status)).toEqual(trades.map(() => 'live'));
    return trades;
  }

  function reportFilled(by: StageWorker, trade: Awaited<ReturnType<typeof restingTrades>>[number], accountId: string) {
    by.deps.book.report(stage.tenantId, {
      kind: 'venue',
      tradeId: trade.id,
      fills: [],
      update: {
        accountId,
        clientOrderId: trade.id,
        venueOrderId: trade.venueOrderId ?? '',
        symbol: 'BTC-USDT-SWAP',
        state: 'filled',
        filledQuantity: trade.quantity.toFixed(),
        averagePrice: '1000',
        fee: '-0.1',
        cancelCode: null,
        cause: 'order',
        leverage: null,
        updatedAt: Date.now(),
        fill: null,
      },
    });
  }

  it('adds up when two workers book the first fills of a position at once', async () => {
    const [first, second] = [await restingTrades(), await restingTrades()];
    const effects = meetBefore('INSERT INTO `Position`');
    const [one, other] = [
      await stage.worker({ name: 'one', streams: false, effects }),
      await stage.worker({ name: 'other', streams: false, effects }),
    ];
    for (const trade of first) reportFilled(one, trade, trade.accountId);
    for (const trade of second) reportFilled(other, trade, trade.accountId);
    await Promise.all([one.deps.book.drain(), other.deps.book.drain()]);
    const held = await Promise.all(stage.followers.map((follower) => stage.held(follower)));
    expect(held).toEqual(stage.followers.map(() => '20'));
  });

  it.each(['close', 'stop'] as const)(
    'keeps nothing of the closed side when a %s was larger than what the book had',
    async (leg) => {
      const opened = await restingTrades();
      for (const trade of opened) reportFilled(worker, trade, trade.accountId);
      await worker.deps.book.drain();
      const closes = await restingTrades();
      await stage.db.trade.updateMany({
        where: { id: { in: closes.map(({ id }) => id) } },
        data: { leg, side: 'sell' },
      });
      // Meanwhile a repair of drift has taken a part out of the book.
      await stage.db.position.updateMany({ where: {}, data: { quantity: '6', cost: '60' } });
      for (const trade of closes) reportFilled(worker, trade, trade.accountId);
      await worker.deps.book.drain();
      const positions = await stage.db.position.findMany();
      expect(positions.map(({ quantity, cost }) => `${quantity.toFixed()} ${cost.toFixed()}`)).toEqual(
        stage.followers.map(() => '0 0'),
      );
    },
  );

  it('takes no news of a trade from another account', async () => {
    const [own, foreign] = await restingTrades();
    if (own === undefined || foreign === undefined) throw new Error('no trades');
    reportFilled(worker, own, foreign.accountId);
    await worker.deps.book.drain();
    expect((await stage.db.trade.findUniqueOrThrow({ where: { id: own.id } })).status).toBe('live');
  });
});
