import { z } from 'zod';
import { dec } from '@/domain/decimal';
import { cancel } from '../engine/cancel';
import { valueAccount } from '../engine/margin';
import { type Account, POS_MODES } from '../engine/model';
import { type VenueError, venueErrorOf } from '../okx/errors';
import { placeOrder } from '../okx/order-operations';
import { changeAccountLevel, changeLeverage, changePositionMode } from '../okx/settings';
import type { OkxVenue } from '../okx/venue';
import { type ControlAnswer, fail } from './answer';
import { accountView, orderView } from './views';

/* What an account's owner does with his own hands, under the venue's own rules: its code is told where it refuses. */

const PLAIN = /^\d{1,15}(\.\d{1,18})?$/;

export const orderSchema = z.strictObject({
  account: z.string(),
  instId: z.string(),
  side: z.enum(['buy', 'sell']),
  sz: z.string().regex(PLAIN),
  ordType: z.string().default('market'),
  px: z.string().regex(PLAIN).optional(),
  posSide: z.enum(['net', 'long', 'short']).optional(),
  tdMode: z.enum(['cross', 'isolated']).default('cross'),
  reduceOnly: z.boolean().optional(),
  clOrdId: z.string().optional(),
});

export const cancelSchema = z.strictObject({
  account: z.string(),
  instId: z.string().optional(),
  ordId: z.string().optional(),
});

export const ownSettingSchema = z.strictObject({
  account: z.string(),
  posMode: z.enum(POS_MODES).optional(),
  acctLv: z.enum(['1', '2', '3', '4']).optional(),
  leverage: z
    .strictObject({
      instId: z.string(),
      lever: z.string().regex(PLAIN),
      mgnMode: z.enum(['cross', 'isolated']).default('cross'),
      posSide: z.enum(['long', 'short']).optional(),
    })
    .optional(),
});

export const transferSchema = z.strictObject({
  account: z.string(),
  /** USDT; negative: out of the account. */
  amount: z.string().regex(/^-?\d{1,15}(\.\d{1,18})?$/),
});

function refused(error: VenueError): ControlAnswer {
  return fail(409, error.code, error.message);
}

function withAccount(venue: OkxVenue, uid: string, run: (account: Account) => ControlAnswer): ControlAnswer {
  const account = venue.accounts.byUid.get(uid);
  return account ? run(account) : fail(404, 'NOT_FOUND', 'No such account');
}

/** An order by hand: it has no id of a client unless one is given. */
export function orderByHand(venue: OkxVenue, wanted: z.infer<typeof orderSchema>): ControlAnswer {
  return withAccount(venue, wanted.account, (account) => {
    const context = { receivedAt: venue.clock.now(), expTime: undefined, byCode: false };
    const row = placeOrder(venue, account, wanted, context);
    const order = account.orders.get(row.ordId);
    return order ? { status: 201, body: orderView(order) } : fail(409, row.sCode, row.sMsg);
  });
}

/** Cancels one resting order, those of an instrument, or all of the account. */
export function cancelByHand(venue: OkxVenue, wanted: z.infer<typeof cancelSchema>): ControlAnswer {
  return withAccount(venue, wanted.account, (account) => {
    const orders = [...account.pending.values()].filter(
      (order) =>
        (wanted.instId === undefined || order.instId === wanted.instId) &&
        (wanted.ordId === undefined || order.ordId === wanted.ordId),
    );
    for (const order of orders) cancel(venue, account, order, 'user');
    return { status: 200, body: { orders: orders.map(orderView) } };
  });
}

export function settingByHand(venue: OkxVenue, wanted: z.infer<typeof ownSettingSchema>): ControlAnswer {
  return withAccount(venue, wanted.account, (account) => {
    try {
      if (wanted.posMode !== undefined) changePositionMode(venue, account, wanted.posMode);
      if (wanted.acctLv !== undefined) changeAccountLevel(venue, account, wanted.acctLv);
      if (wanted.leverage !== undefined) changeLeverage(venue, account, wanted.leverage);
    } catch (error) {
      const told = venueErrorOf(error);
      if (!told) throw error;
      return refused(told);
    }
    return { status: 200, body: accountView(venue, account) };
  });
}

/** Moves money in or out: no more leaves than no position or order needs. */
export function transferByHand(venue: OkxVenue, wanted: z.infer<typeof transferSchema>): ControlAnswer {
  return withAccount(venue, wanted.account, (account) => {
    const amount = dec(wanted.amount);
    const { available } = valueAccount(venue.market, account);
    if (amount.neg().gt(available)) return fail(409, '58350', 'Insufficient balance.');
    account.cash = account.cash.plus(amount);
    account.uTime = venue.clock.now();
    venue.accounts.addBill(account, {
      uid: account.uid,
      billId: venue.ids.next(),
      kind: 'transfer',
      instId: '',
      balance: account.cash,
      balanceChange: amount,
      ts: account.uTime,
    });
    venue.accounts.touch(account);
    venue.events.holdings(account, 'transferred', []);
    return { status: 200, body: accountView(venue, account) };
  });
}
