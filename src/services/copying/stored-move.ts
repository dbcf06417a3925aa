import { z } from 'zod';
import { dec, toText } from '@/domain/decimal';
import type { LeaderLeg } from '@/domain/leader';
import { DENIAL_CODES } from '@/domain/risk/codes';
import type { LeaderBook } from '@/domain/signal';
import type { FollowerCursor } from './follower-order';
import { laneTimesSchema } from './lane-times';
import { type DecidedMove, UNORDERED } from './plan';

/** What a signal's row keeps of the leader's move, as JSON: pages show it, and who takes a signal over plans the others with it. */
const sideSchema = z.enum(['long', 'short']);
const bookSchema = z.object({ side: sideSchema.nullable(), quantity: z.string() });
/** Absent in what was stored before signals had an order. */
const orderSchema = z.object({
  refusal: z.object({ code: z.enum(DENIAL_CODES), context: z.record(z.string(), z.string()) }).nullable(),
  movesLevels: z.boolean(),
  times: laneTimesSchema.nullable(),
});
const storedSchema = z.object({
  before: bookSchema,
  after: bookSchema,
  legs: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('close'), side: sideSchema.nullable(), share: z.string() }),
      z.object({
        kind: z.literal('open'),
        side: sideSchema,
        quantity: z.string(),
        percentBalance: z.string().nullable().default(null),
      }),
    ]),
  ),
  price: z.string().nullable(),
  leverage: z.string(),
  order: orderSchema.optional(),
  /** After whom the planning goes on; absent once all followers are planned. */
  next: z.object({ strategyId: z.string(), accountId: z.string() }).optional(),
});

export type StoredMove = z.infer<typeof storedSchema>;

export function toStoredMove(before: LeaderBook, move: DecidedMove, next: FollowerCursor | null): StoredMove {
  return {
    before,
    after: move.bookAfter,
    legs: move.legs.map((leg) =>
      leg.kind === 'close'
        ? { kind: leg.kind, side: leg.side, share: toText(leg.share) }
        : {
            kind: leg.kind,
            side: leg.side,
            quantity: toText(leg.quantity),
            percentBalance: leg.percentBalance === null ? null : toText(leg.percentBalance),
          },
    ),
    price: move.leaderPrice === null ? null : toText(move.leaderPrice),
    leverage: toText(move.leaderLeverage),
    order: { refusal: move.refusal, movesLevels: move.movesLevels, times: move.times },
    ...(next === null ? {} : { next }),
  };
}

/** A move that was decided and written with an earlier part. Throws where the row holds something else. */
export type BegunPlan = { readonly move: DecidedMove; readonly before: LeaderBook; readonly next: FollowerCursor };

/** Null: nothing of the signal is planned, or all of it. Throws where the row holds something else. */
export function begunPlan(stored: unknown): BegunPlan | null {
  if (stored === null) return null;
  const { before, after, legs, price, leverage, order = UNORDERED, next } = storedSchema.parse(stored);
  if (next === undefined) return null;
  const move = {
    legs: legs.map(toLeg),
    bookAfter: after,
    leaderPrice: price === null ? null : dec(price),
    leaderLeverage: dec(leverage),
    ...order,
  };
  return { move, before, next };
}

function toLeg(leg: StoredMove['legs'][number]): LeaderLeg {
  if (leg.kind === 'close') return { kind: 'close', side: leg.side, share: dec(leg.share) };
  const percentBalance = leg.percentBalance === null ? null : dec(leg.percentBalance);
  return { kind: 'open', side: leg.side, quantity: dec(leg.quantity), percentBalance };
}
