import { z } from 'zod';
import { type Dec, dec } from '@/domain/decimal';
import type { DingTalkSink } from '../dingtalk/sink';
import { findInstrument } from '../engine/instruments';
import { valueAccount, valuePosition } from '../engine/margin';
import { type Account, type AlgoOrder, type Order, POS_MODES, type Position, positionSign } from '../engine/model';
import { type FaultRule, faultSchema } from '../faults/faults';
import { CANCEL_SOURCE } from '../okx/codes';
import type { StreamServer } from '../okx/stream-server';
import type { OkxVenue } from '../okx/venue';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ControlParts {
  readonly venue: OkxVenue;
  readonly streams: StreamServer;
  readonly dingTalk: DingTalkSink;
  readonly startedAt: number;
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

const settingsSchema = z.strictObject({ walk: z.boolean().optional(), rateLimits: z.boolean().optional() });

const balanceSchema = z.strictObject({ account: z.string(), balance: amount });

function fail(status: number, code: string, message: string, details?: unknown): ControlAnswer {
  return { status, body: { success: false, error: { code, message, details } } };
}

function invalid(error: z.ZodError): ControlAnswer {
  const issues = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return fail(400, 'VALIDATION_ERROR', 'The body is not what this path takes', issues);
}

function text(value: Dec): string {
  return value.toDecimalPlaces(18).toFixed();
}

function orderView(order: Order): Record<string, unknown> {
  return {
    account: order.uid,
    instId: order.instId,
    clOrdId: order.clOrdId,
    ordId: order.ordId,
    state: order.state,
    side: order.side,
    posSide: order.posSide,
    reduceOnly: order.reduceOnly,
    ordType: order.ordType,
    px: order.px ? text(order.px) : null,
    sz: text(order.sz),
    fillSz: text(order.accFillSz),
    avgPx: order.accFillSz.isZero() ? null : text(order.avgPx),
    fee: text(order.fee),
    pnl: text(order.pnl),
    tag: order.tag,
    lever: order.lever,
    tdMode: order.tdMode,
    category: order.category,
    cancelSource: order.cancelReason ? CANCEL_SOURCE[order.cancelReason] : '',
    algoId: order.algoId,
    createdAt: order.createdAt,
    acceptedAt: order.acceptedAt,
    filledAt: order.filledAt,
    updatedAt: order.uTime,
  };
}

function accountView(venue: OkxVenue, account: Account): Record<string, unknown> {
  const equity = valueAccount(venue.market, account);
  return {
    account: account.uid,
    owner: account.owner,
    label: account.label,
    posMode: account.posMode,
    perm: account.perm,
    ip: account.ip,
    createdAt: account.createdAt,
    cash: text(account.cash),
    equity: text(equity.total),
    available: text(equity.available),
    openPositions: [...account.positions.values()].filter((position) => !position.pos.isZero()).length,
    pendingOrders: account.pending.size,
    orders: account.orders.size,
    fills: account.fills.length,
    leverage: Object.fromEntries(account.leverage),
  };
}

function algoView(algo: AlgoOrder): Record<string, unknown> {
  return {
    account: algo.uid,
    algoId: algo.algoId,
    algoClOrdId: algo.algoClOrdId,
    instId: algo.instId,
    ordType: algo.ordType,
    side: algo.side,
    posSide: algo.posSide,
    sz: algo.sz,
    slTriggerPx: algo.slTriggerPx,
    tpTriggerPx: algo.tpTriggerPx,
    state: algo.state,
    ordId: algo.ordId,
  };
}

function positionView(venue: OkxVenue, position: Position): Record<string, unknown> {
  const value = valuePosition(venue.market, position);
  return {
    account: position.uid,
    instId: position.instId,
    posSide: position.posSide,
    mgnMode: position.mgnMode,
    pos: text(position.pos),
    signedPos: text(position.pos.abs().times(positionSign(position))),
    avgPx: text(position.avgPx),
    lever: text(position.lever),
    margin: text(position.margin),
    upl: text(value.upl),
    notional: text(value.notional),
    realizedPnl: text(position.pnl.plus(position.fee).plus(position.fundingFee).plus(position.liqPenalty)),
    updatedAt: position.uTime,
  };
}

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
      'POST /control/accounts': (_, body) => this.with(accountSchema, body, (wanted) => this.createAccounts(wanted)),
      'POST /control/balance': (_, body) => this.with(balanceSchema, body, (wanted) => this.setBalance(wanted)),
      'POST /control/price': (_, body) => this.with(priceSchema, body, (wanted) => this.movePrice(wanted)),
      'POST /control/settings': (_, body) => this.with(settingsSchema, body, (wanted) => this.settings(wanted)),
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

  private with<T>(schema: z.ZodType<T>, body: string, run: (value: T) => ControlAnswer): ControlAnswer {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body === '' ? '{}' : body);
    } catch {
      return fail(400, 'VALIDATION_ERROR', 'The body is not JSON');
    }
    const checked = schema.safeParse(parsed);
    return checked.success ? run(checked.data) : invalid(checked.error);
  }

  private health(): ControlAnswer {
    const { venue, streams, startedAt } = this.parts;
    return {
      status: 200,
      body: {
        status: 'ok',
        startedAt,
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
    const { count, balance, ...rest } = wanted;
    const make = (): Record<string, string> => {
      const account = this.parts.venue.accounts.create({ ...rest, balance: dec(balance) });
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
    const next = dec(wanted.balance);
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
    venue.events.balance(account, 'transferred');
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

  private settings(wanted: z.infer<typeof settingsSchema>): ControlAnswer {
    const { venue } = this.parts;
    if (wanted.walk !== undefined) venue.market.walking = wanted.walk;
    if (wanted.rateLimits !== undefined) venue.limits.enabled = wanted.rateLimits;
    return { status: 200, body: { walk: venue.market.walking, rateLimits: venue.limits.enabled } };
  }

  private changeFaults(body: string): ControlAnswer {
    const batch = z.union([
      z.strictObject({ clear: z.literal(true) }),
      z.strictObject({ remove: z.string() }),
      z.strictObject({ faults: z.array(faultSchema).max(200) }),
    ]);
    const single = this.looksSingle(body);
    if (single) return this.with(faultSchema, body, (fault) => this.addFaults([fault]));
    return this.with(batch, body, (wanted) => {
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
