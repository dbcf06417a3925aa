import { z } from 'zod';
import { dec } from '@/domain/decimal';
import type { DingTalkSink } from '../dingtalk/sink';
import { COIN_NAMES } from '../engine/coins';
import { findInstrument } from '../engine/instruments';
import { changeListing } from '../engine/listing';
import { TRADING_STATES } from '../engine/market';
import { type Account, POS_MODES } from '../engine/model';
import { type FaultRule, faultSchema } from '../faults/faults';
import { levelOf } from '../okx/settings';
import type { StreamServer } from '../okx/stream-server';
import type { OkxVenue } from '../okx/venue';
import {
  cancelByHand,
  cancelSchema,
  orderByHand,
  orderSchema,
  ownSettingSchema,
  settingByHand,
  transferByHand,
  transferSchema,
} from './account-commands';
import { type ControlAnswer, fail, withBody } from './answer';
import { deleverageByCommand, forcedSchema, liquidateByCommand } from './forced-closes';
import { accountView, algoView, orderView, positionView } from './views';

export interface ControlParts {
  readonly venue: OkxVenue;
  readonly streams: StreamServer;
  readonly dingTalk: DingTalkSink;
  readonly startedAt: number;
  readonly instance: string | undefined;
  /** The venue's own host and port, for the DingTalk webhook it hands out to callers that do not say how they reach it. */
  readonly address: () => string;
  /** Told about prices moved by hand: matching, triggers, liquidations and pushes follow at once. */
  readonly priceMoved: (instId: string) => void;
}

const amount = z.union([z.string().regex(/^\d{1,15}(\.\d{1,18})?$/), z.number().min(0).transform(String)]);

const accountSchema = z.strictObject({
  balance: amount.default('10000'),
  /** OKX's words; "net" and "long_short" are understood too. */
  posMode: z
    .preprocess((mode) => (mode === 'net' || mode === 'long_short' ? `${mode}_mode` : mode), z.enum(POS_MODES))
    .default('net_mode'),
  acctLv: z.enum(['1', '2', '3', '4']).default('2'),
  owner: z.string().max(64).default(''),
  /** The account whose sub-account it is. */
  mainUid: z.string().max(64).default(''),
  label: z.string().max(64).default('paper'),
  perm: z.string().default('read_only,trade'),
  ip: z.string().default(''),
  count: z.int().min(1).max(20_000).optional(),
});

const priceSchema = z.strictObject({
  instId: z.string(),
  price: amount.optional(),
  hold: z.boolean().optional(),
  walk: z.boolean().optional(),
});

const settingsSchema = z.strictObject({
  walk: z.boolean().optional(),
  rateLimits: z.boolean().optional(),
  closing: z.enum(['cut', 'refused']).optional(),
});

const instrumentSchema = z.strictObject({
  instId: z.string(),
  state: z.enum(TRADING_STATES).optional(),
  /** Epoch ms; null: not planned any more. */
  expTime: z.int().min(0).nullable().optional(),
});

const bookSchema = z.strictObject({
  instId: z.string(),
  /** Null: the deep book again. */
  thin: z.strictObject({ levels: z.int().min(0).max(400), sz: z.number().positive() }).nullable(),
});

const balanceSchema = z.strictObject({
  account: z.string(),
  balance: amount.optional(),
  /** Amounts of other currencies; those that are not named stay. */
  coins: z.partialRecord(z.enum(COIN_NAMES), amount).optional(),
});

function faultView(rule: FaultRule): Record<string, unknown> {
  return { ...rule.fault, id: rule.id, addedAt: rule.addedAt, seen: rule.seen, fired: rule.fired };
}

/** The control API and the DingTalk sink: paths outside /api. No authentication: it is meant for loopback. */
export class ControlApi {
  private readonly routes: Readonly<
    Record<string, (query: URLSearchParams, body: string, host: string) => ControlAnswer>
  >;

  constructor(private readonly parts: ControlParts) {
    this.routes = {
      'GET /control/health': () => this.health(),
      'GET /control/orders': (query) => this.orders(query),
      'GET /control/algos': (query) => this.algos(query),
      'GET /control/accounts': (query) => this.accounts(query),
      'GET /control/positions': (query) => this.positions(query),
      'GET /control/prices': () => this.prices(),
      'GET /control/faults': () => ({ status: 200, body: { faults: parts.venue.faults.list().map(faultView) } }),
      'GET /control/dingtalk': () => this.messages(),
      'POST /control/accounts': (_, body) => withBody(accountSchema, body, (wanted) => this.createAccounts(wanted)),
      'POST /control/balance': (_, body) => withBody(balanceSchema, body, (wanted) => this.setBalance(wanted)),
      'POST /control/price': (_, body) => withBody(priceSchema, body, (wanted) => this.movePrice(wanted)),
      'POST /control/settings': (_, body) => withBody(settingsSchema, body, (wanted) => this.settings(wanted)),
      'POST /control/liquidate': (_, body) =>
        withBody(forcedSchema, body, (wanted) => liquidateByCommand(parts.venue, wanted)),
      'POST /control/adl': (_, body) =>
        withBody(forcedSchema, body, (wanted) => deleverageByCommand(parts.venue, wanted)),
      'POST /control/order': (_, body) => withBody(orderSchema, body, (wanted) => orderByHand(parts.venue, wanted)),
      'POST /control/cancel': (_, body) => withBody(cancelSchema, body, (wanted) => cancelByHand(parts.venue, wanted)),
      'POST /control/setting': (_, body) =>
        withBody(ownSettingSchema, body, (wanted) => settingByHand(parts.venue, wanted)),
      'POST /control/transfer': (_, body) =>
        withBody(transferSchema, body, (wanted) => transferByHand(parts.venue, wanted)),
      'POST /control/instrument': (_, body) => withBody(instrumentSchema, body, (wanted) => this.setTrading(wanted)),
      'POST /control/book': (_, body) => withBody(bookSchema, body, (wanted) => this.setBook(wanted)),
      'POST /control/faults': (_, body) => this.changeFaults(body),
      'DELETE /control/faults': (query) => this.removeFaults(query),
      'POST /control/dingtalk': (_query, _body, host) => this.createRobot(host),
      'DELETE /control/dingtalk': () => {
        parts.dingTalk.clear();
        return { status: 200, body: { cleared: true } };
      },
      'POST /dingtalk/robot/send': (query, body) => ({ status: 200, body: parts.dingTalk.send(query, body) }),
    };
  }

  handle(method: string, path: string, query: URLSearchParams, body: string, host?: string): ControlAnswer | undefined {
    return this.routes[`${method} ${path}`]?.(query, body, host ?? this.parts.address());
  }

  private health(): ControlAnswer {
    const { venue, streams, startedAt, instance } = this.parts;
    return {
      status: 200,
      body: {
        status: 'ok',
        startedAt,
        instance,
        accounts: venue.accounts.byUid.size,
        streams: streams.openSessions(),
        orderStreams: streams.listeners('orders'),
        faults: venue.faults.list().length,
        clockOffsetMs: venue.clock.offset(),
        walking: venue.market.walking,
        rateLimits: venue.limits.enabled,
      },
    };
  }

  private selected(query: URLSearchParams): Account[] {
    const uid = query.get('account');
    const owner = query.get('owner');
    const all = [...this.parts.venue.accounts.byUid.values()];
    return all.filter((account) => (!uid || account.uid === uid) && (!owner || account.owner === owner));
  }

  private orders(query: URLSearchParams): ControlAnswer {
    const instId = query.get('instId');
    const clOrdId = query.get('clOrdId');
    const since = Number(query.get('since') ?? 0);
    const orders: Record<string, unknown>[] = [];
    for (const account of this.selected(query)) {
      for (const order of account.orders.values()) {
        if (instId && order.instId !== instId) continue;
        if (clOrdId && order.clOrdId !== clOrdId) continue;
        if (order.createdAt < since) continue;
        orders.push(orderView(order));
      }
    }
    return { status: 200, body: { orders } };
  }

  private algos(query: URLSearchParams): ControlAnswer {
    const algos = this.selected(query).flatMap((account) => [...account.algos.values()].map(algoView));
    return { status: 200, body: { algos } };
  }

  private accounts(query: URLSearchParams): ControlAnswer {
    const accounts = this.selected(query).map((account) => accountView(this.parts.venue, account));
    return { status: 200, body: { accounts } };
  }

  private positions(query: URLSearchParams): ControlAnswer {
    const positions = this.selected(query).flatMap((account) =>
      [...account.positions.values()]
        .filter((position) => !position.pos.isZero())
        .map((position) => positionView(this.parts.venue, position)),
    );
    return { status: 200, body: { positions } };
  }

  private prices(): ControlAnswer {
    const prices = [...this.parts.venue.market.quotes.values()].map((quote) => ({
      instId: quote.instrument.instId,
      last: quote.last.toFixed(),
      bid: quote.bid.toFixed(),
      ask: quote.ask.toFixed(),
      mark: quote.mark.toFixed(),
      hold: quote.hold,
    }));
    return { status: 200, body: { prices, walking: this.parts.venue.market.walking } };
  }

  private createAccounts(wanted: z.infer<typeof accountSchema>): ControlAnswer {
    const { count, balance, acctLv, ...rest } = wanted;
    const level = levelOf(acctLv);
    const make = (): Record<string, string> => {
      const account = this.parts.venue.accounts.create({ ...rest, level, balance: dec(balance) });
      const { uid, apiKey, secret, passphrase } = account;
      return { account: uid, apiKey, secret, passphrase };
    };
    const made = count === undefined ? make() : { accounts: Array.from({ length: count }, make) };
    // Keys that were given out must work after a crash a moment later.
    this.parts.venue.journal.flush();
    return { status: 201, body: made };
  }

  private setBalance(wanted: z.infer<typeof balanceSchema>): ControlAnswer {
    const { venue } = this.parts;
    const account = venue.accounts.byUid.get(wanted.account);
    if (!account) return fail(404, 'NOT_FOUND', 'No such account');
    for (const [ccy, held] of Object.entries(wanted.coins ?? {})) account.coins.set(ccy, dec(held));
    const next = wanted.balance === undefined ? account.cash : dec(wanted.balance);
    const change = next.minus(account.cash);
    account.cash = next;
    account.uTime = venue.clock.now();
    venue.accounts.addBill(account, {
      uid: account.uid,
      billId: venue.ids.next(),
      kind: 'transfer',
      instId: '',
      balance: next,
      balanceChange: change,
      ts: account.uTime,
    });
    venue.accounts.touch(account);
    venue.events.holdings(account, 'transferred', []);
    return { status: 200, body: accountView(venue, account) };
  }

  private movePrice(wanted: z.infer<typeof priceSchema>): ControlAnswer {
    const { venue } = this.parts;
    if (!findInstrument(wanted.instId)) return fail(404, 'NOT_FOUND', 'No such instrument');
    const quote = venue.market.quote(wanted.instId);
    if (wanted.price === undefined && wanted.hold === undefined && wanted.walk === undefined) {
      return fail(400, 'VALIDATION_ERROR', 'Give a price, hold or walk');
    }
    const price = wanted.price === undefined ? quote.last : dec(wanted.price);
    if (price.lt(quote.instrument.tickSz)) return fail(400, 'VALIDATION_ERROR', 'The price is below one tick');
    if (wanted.walk !== undefined) venue.market.walking = wanted.walk;
    venue.market.set(wanted.instId, price, wanted.hold ?? false);
    this.parts.priceMoved(wanted.instId);
    const { last, bid, ask, hold } = venue.market.quote(wanted.instId);
    return {
      status: 200,
      body: {
        instId: wanted.instId,
        last: last.toFixed(),
        bid: bid.toFixed(),
        ask: ask.toFixed(),
        hold,
        walking: venue.market.walking,
      },
    };
  }

  /** Suspends an instrument, lets it trade again (what has waited executes at once), or delists it, now or later. */
  private setTrading(wanted: z.infer<typeof instrumentSchema>): ControlAnswer {
    const { venue, streams, priceMoved } = this.parts;
    if (!findInstrument(wanted.instId)) return fail(404, 'NOT_FOUND', 'No such instrument');
    changeListing(venue, wanted.instId, { state: wanted.state, endsAt: wanted.expTime });
    streams.publicStreams.publishInstrument(wanted.instId);
    priceMoved(wanted.instId);
    return { status: 200, body: wanted };
  }

  /** Makes a book thin or deep again. Orders that waited for depth take what is there now. */
  private setBook(wanted: z.infer<typeof bookSchema>): ControlAnswer {
    const { venue, priceMoved } = this.parts;
    if (!findInstrument(wanted.instId)) return fail(404, 'NOT_FOUND', 'No such instrument');
    const quote = venue.market.quote(wanted.instId);
    quote.thin = wanted.thin;
    quote.taken.asks = 0;
    quote.taken.bids = 0;
    priceMoved(wanted.instId);
    return { status: 200, body: wanted };
  }

  private settings(wanted: z.infer<typeof settingsSchema>): ControlAnswer {
    const { venue } = this.parts;
    if (wanted.walk !== undefined) venue.market.walking = wanted.walk;
    if (wanted.rateLimits !== undefined) venue.limits.enabled = wanted.rateLimits;
    if (wanted.closing !== undefined) venue.closing = wanted.closing;
    return {
      status: 200,
      body: { walk: venue.market.walking, rateLimits: venue.limits.enabled, closing: venue.closing },
    };
  }

  private changeFaults(body: string): ControlAnswer {
    const batch = z.union([
      z.strictObject({ clear: z.literal(true) }),
      z.strictObject({ remove: z.string() }),
      z.strictObject({ faults: z.array(faultSchema).max(200) }),
    ]);
    const single = this.looksSingle(body);
    if (single) return withBody(faultSchema, body, (fault) => this.addFaults([fault]));
    return withBody(batch, body, (wanted) => {
      const { faults } = this.parts.venue;
      if ('clear' in wanted) faults.clear();
      else if ('remove' in wanted) faults.remove(wanted.remove);
      else return this.addFaults(wanted.faults);
      return { status: 200, body: { faults: faults.list().map(faultView) } };
    });
  }

  private looksSingle(body: string): boolean {
    try {
      const parsed: unknown = JSON.parse(body);
      return typeof parsed === 'object' && parsed !== null && 'kind' in parsed;
    } catch {
      return false;
    }
  }

  private addFaults(wanted: readonly z.infer<typeof faultSchema>[]): ControlAnswer {
    const { venue, streams } = this.parts;
    const added = wanted.map((fault) => {
      const immediate = (fault.kind === 'stream-cut' && fault.now) || fault.kind === 'stream-notice';
      if (immediate) return { ...fault, applied: streams.applyNow(fault) };
      return faultView(venue.faults.add(fault));
    });
    return { status: 201, body: { faults: added } };
  }

  private removeFaults(query: URLSearchParams): ControlAnswer {
    const { faults } = this.parts.venue;
    const id = query.get('id');
    if (id === null) faults.clear();
    else if (!faults.remove(id)) return fail(404, 'NOT_FOUND', 'No such fault');
    return { status: 200, body: { faults: faults.list().map(faultView) } };
  }

  private createRobot(host: string): ControlAnswer {
    const { dingTalk, venue } = this.parts;
    const { token, secret } = dingTalk.create();
    venue.journal.flush();
    return { status: 201, body: { url: `http://${host}/dingtalk/robot/send?access_token=${token}`, secret } };
  }

  private messages(): ControlAnswer {
    const { dingTalk } = this.parts;
    return { status: 200, body: { messages: dingTalk.messages(), refused: dingTalk.refusals() } };
  }
}
