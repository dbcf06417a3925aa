import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dec } from '@/domain/decimal';
import { Prisma } from '@/platform/database/database';
import type { TradeRow } from './books';
import { compareBooks } from './compare';
import { type Books, ERRORS, type ErrorKind } from './findings';
import { takesAway } from './habits';
import { runSeed } from './storm';
import { World } from './world';

let world: World;
let books: Books;

beforeAll(async () => {
  const directory = resolve(process.env.SLIPSTREAM_TEST_DIR ?? '.data-test', `storm-${process.pid}`);
  world = await World.open({ directory, pages: false, clocksApart: true });
}, 240_000);
afterAll(() => world?.close(), 60_000);

it('loses, doubles and distorts nothing in a storm', { timeout: 240_000 }, async () => {
  const outcome = await runSeed(world, { seed: 7, followers: 20, signals: 6, kills: 6 }, () => undefined);
  books = outcome.books;
  expect(outcome.stories).toEqual([]);
  expect(ERRORS.map((kind) => outcome.result[kind])).toEqual([0, 0, 0, 0, 0, 0]);
  expect(outcome.result.kills).toBeGreaterThanOrEqual(4);
  expect(outcome.result.orders).toBeGreaterThan(20);
});

/** What the comparison says of books that were tampered with. */
function kinds(tampered: Partial<Books>): readonly ErrorKind[] {
  return [...new Set(compareBooks({ ...books, ...tampered }).map((finding) => finding.kind))];
}

function withTrade(id: string, change: Partial<TradeRow>): Partial<Books> {
  const trades = books.rows.trades.map((trade) => (trade.id === id ? { ...trade, ...change } : trade));
  return { rows: { ...books.rows, trades } };
}

it('would notice what it looks for', () => {
  // Of somebody whose every size is known beforehand.
  const watched = new Set(
    books.cast.subscriptions.flatMap(({ id, follower }) => {
      const who = books.scenario.followers[follower];
      return who === undefined || takesAway(who) ? [] : [id];
    }),
  );
  const filled = books.rows.trades.find(
    ({ status, leg, subscriptionId }) => status === 'filled' && leg === 'open' && watched.has(subscriptionId),
  );
  const order = books.venue.orders.find((candidate) => candidate.clOrdId === filled?.id);
  if (filled === undefined || order === undefined) throw new Error('Nothing was filled');
  const { orders } = books.venue;
  const without = orders.filter((candidate) => candidate !== order);

  expect(kinds({ venue: { ...books.venue, orders: without } })).toContain('lost');
  expect(kinds({ rows: { ...books.rows, trades: books.rows.trades.filter((trade) => trade !== filled) } })).toContain(
    'lost',
  );
  expect(kinds({ venue: { ...books.venue, orders: [...orders, { ...order, clOrdId: 'f'.repeat(32) }] } })).toEqual([
    'doubled',
  ]);
  expect(kinds(withTrade(filled.id, { quantity: filled.quantity.plus(new Prisma.Decimal('0.01')) }))).toContain(
    'wrongSize',
  );
  expect(kinds(withTrade(filled.id, { status: 'live' }))).toContain('wrongState');
  expect(kinds({ rows: { ...books.rows, fills: books.rows.fills.slice(1) } })).toContain('wrongState');
  const debt = { ...filled, side: 'long' as const, updatedAt: new Date() };
  expect(kinds({ rows: { ...books.rows, debts: [...books.rows.debts, debt] } })).toContain('wrongState');
  const positions = new Map([[`${order.account}|${order.instId}|${order.posSide}`, dec('99')]]);
  expect(kinds({ venue: { ...books.venue, positions } })).toContain('wrongState');
  const byHand = { ...order, clOrdId: '' };
  expect(kinds({ venue: { ...books.venue, orders: [...orders, byHand] } })).toEqual(['wrongState']);
  const stop = {
    account: order.account,
    instId: order.instId,
    posSide: order.posSide,
    algoClOrdId: 'f',
    sz: '1',
    state: 'live',
  };
  expect(kinds({ venue: { ...books.venue, algos: [...books.venue.algos, stop] } })).toEqual(['doubled']);
  expect(kinds(withTrade(filled.id, { status: 'expired', code: 'STALE_SIGNAL' }))).toContain('unexplained');
});
