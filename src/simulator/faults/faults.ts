import { z } from 'zod';
import type { VenueClock } from '../engine/clock';
import { hashText, type Random, seededRandom } from '../engine/random';

/*
 * The fault plane. A rule says what goes wrong, for whom, how often and for how long. The server asks it at five points:
 * when a connection is upgraded, when a request has arrived, when an answer is about to leave, when a push is about to
 * leave, and when an order is about to be executed. Rules fire independently and in the order in which they were added;
 * every rule draws from its own seeded stream, so the same seed and the same traffic give the same storm.
 */

const match = z
  .strictObject({
    /** REST method, or "WS" for order operations over WebSocket. */
    method: z.string().optional(),
    /** Exact path, or a prefix ending in "*". For WebSocket operations: the op; for streams: /ws/v5/private and so on. */
    path: z.string().optional(),
    account: z.string().optional(),
    instId: z.string().optional(),
    channel: z.string().optional(),
    clOrdId: z.string().optional(),
  })
  .prefault({});

const common = {
  id: z.string().max(64).optional(),
  match,
  /** Chance that a matching event is hit. */
  probability: z.number().min(0).max(1).default(1),
  /** Matching events let through before the rule begins. */
  skip: z.int().min(0).default(0),
  /** How many times the rule fires at most. */
  count: z.int().min(1).optional(),
  /** How long the rule lives. */
  durationMs: z.int().min(1).optional(),
};

const when = z.enum(['before', 'after']).default('before');
const status = z.int().min(200).max(599);

export const faultSchema = z.discriminatedUnion('kind', [
  /** The request is handled `ms` later (still handled if the client has gone). */
  z.strictObject({ ...common, kind: z.literal('latency'), ms: z.int().min(0), jitterMs: z.int().min(0).default(0) }),
  /** The request is handled at once, the answer leaves `ms` later. */
  z.strictObject({
    ...common,
    kind: z.literal('hold-answer'),
    ms: z.int().min(0),
    jitterMs: z.int().min(0).default(0),
  }),
  /** An OKX error instead of an answer: 50011, 50061, 50026, 51149 … Handled nevertheless with `when: after`. */
  z.strictObject({
    ...common,
    kind: z.literal('refuse'),
    code: z.string().regex(/^\d{1,6}$/),
    status: status.optional(),
    msg: z.string().optional(),
    when,
  }),
  /** A bare HTTP answer, such as a 502 HTML page. */
  z.strictObject({
    ...common,
    kind: z.literal('status'),
    status,
    body: z.string().optional(),
    contentType: z.string().default('text/html'),
    when,
  }),
  /** The connection is destroyed, before or after the request was handled. */
  z.strictObject({ ...common, kind: z.literal('drop'), when }),
  /** Status 200 and no body. */
  z.strictObject({ ...common, kind: z.literal('empty'), when: when.default('after') }),
  /** The answer is cut after a share of its bytes: the whole length is announced, then the connection closes. */
  z.strictObject({ ...common, kind: z.literal('truncate'), keep: z.number().min(0).max(1).default(0.5) }),
  z.strictObject({ ...common, kind: z.literal('push-drop') }),
  z.strictObject({ ...common, kind: z.literal('push-duplicate'), copies: z.int().min(1).max(20).default(1) }),
  z.strictObject({ ...common, kind: z.literal('push-delay'), ms: z.int().min(0) }),
  /** The push is held and sent after the next one of its stream, or after `ms`. */
  z.strictObject({ ...common, kind: z.literal('push-reorder'), ms: z.int().min(1).default(500) }),
  /** Streams are cut at a matching push; with `now`, at once. */
  z.strictObject({ ...common, kind: z.literal('stream-cut'), now: z.boolean().default(false) }),
  /** Upgrades are refused with this status. */
  z.strictObject({ ...common, kind: z.literal('stream-refuse'), status: status.default(503) }),
  /** Notice 64008 to matching open streams, which are closed `afterMs` later. */
  z.strictObject({ ...common, kind: z.literal('stream-notice'), afterMs: z.int().min(0).default(60_000) }),
  /** An accepted order is executed `ms` later. */
  z.strictObject({ ...common, kind: z.literal('fill-delay'), ms: z.int().min(0) }),
  /** Only a share of an order is executed; the rest is cancelled, filled after `ms`, or left resting. */
  z.strictObject({
    ...common,
    kind: z.literal('partial-fill'),
    fraction: z.number().min(0).max(1).default(0.5),
    rest: z.enum(['cancel', 'later', 'rest']).default('later'),
    ms: z.int().min(0).default(1000),
  }),
  /** Takers get a price this many ticks worse. */
  z.strictObject({ ...common, kind: z.literal('slippage'), ticks: z.int().min(0) }),
  /** The venue's clock is off by `ms` while the rule lives. */
  z.strictObject({ ...common, kind: z.literal('clock-skew'), ms: z.int() }),
  /** The venue's process dies at a matching request, before or after it was handled. What it had accepted is on disk. */
  z.strictObject({ ...common, kind: z.literal('kill'), when }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** What a rule is matched against. */
export interface FaultSubject {
  readonly method?: string;
  readonly path?: string;
  readonly account?: string;
  readonly instId?: string;
  readonly channel?: string;
  readonly clOrdId?: string;
}

export interface FaultRule {
  readonly id: string;
  readonly fault: Fault;
  readonly addedAt: number;
  seen: number;
  fired: number;
  readonly random: Random;
}

type OfKind<K extends FaultKind> = Extract<Fault, { kind: K }>;

const REQUEST_KINDS = new Set<FaultKind>([
  'latency',
  'hold-answer',
  'refuse',
  'status',
  'drop',
  'empty',
  'truncate',
  'kill',
]);
const PUSH_KINDS = new Set<FaultKind>(['push-drop', 'push-duplicate', 'push-delay', 'push-reorder', 'stream-cut']);
const EXECUTION_KINDS = new Set<FaultKind>(['fill-delay', 'partial-fill', 'slippage']);

export type RequestFault = OfKind<
  'latency' | 'hold-answer' | 'refuse' | 'status' | 'drop' | 'empty' | 'truncate' | 'kill'
>;
export type PushFault = OfKind<'push-drop' | 'push-duplicate' | 'push-delay' | 'push-reorder' | 'stream-cut'>;
export type ExecutionFault = OfKind<'fill-delay' | 'partial-fill' | 'slippage'>;

function matchesText(pattern: string | undefined, value: string | undefined): boolean {
  if (pattern === undefined) return true;
  if (value === undefined) return false;
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}

export class FaultPlane {
  private rules: FaultRule[] = [];
  private counter = 0;
  private readonly timers = new Map<string, NodeJS.Timeout>();

  private readonly random: Random;

  constructor(
    private readonly seed: number,
    private readonly clock: VenueClock,
  ) {
    this.random = seededRandom(seed);
  }

  /** A delay with a random addition of up to `jitterMs`. */
  jittered(ms: number, jitterMs: number): number {
    return ms + Math.floor(this.random() * (jitterMs + 1));
  }

  /** Adds a rule; one with the same id is replaced. Times count on the machine's clock, not the venue's skewed one. */
  add(fault: Fault): FaultRule {
    const id = fault.id ?? `fault-${++this.counter}`;
    this.remove(id);
    const rule = { id, fault, addedAt: Date.now(), seen: 0, fired: 0, random: seededRandom(this.seed ^ hashText(id)) };
    this.rules.push(rule);
    if (fault.durationMs !== undefined) {
      const timer = setTimeout(() => this.remove(id), fault.durationMs);
      timer.unref();
      this.timers.set(id, timer);
    }
    this.applyClock();
    return rule;
  }

  remove(id: string): boolean {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    const before = this.rules.length;
    this.rules = this.rules.filter((rule) => rule.id !== id);
    this.applyClock();
    return this.rules.length < before;
  }

  clear(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.rules = [];
    this.applyClock();
  }

  list(): readonly FaultRule[] {
    return this.rules;
  }

  private applyClock(): void {
    let offset = 0;
    for (const { fault } of this.rules) if (fault.kind === 'clock-skew') offset += fault.ms;
    this.clock.setOffset(offset);
  }

  /** Faults that hit a request or a WebSocket operation. */
  request(subject: FaultSubject): readonly RequestFault[] {
    return this.hit(REQUEST_KINDS, subject) as RequestFault[];
  }

  push(subject: FaultSubject): readonly PushFault[] {
    return this.hit(PUSH_KINDS, subject) as PushFault[];
  }

  execution(subject: FaultSubject): readonly ExecutionFault[] {
    return this.hit(EXECUTION_KINDS, subject) as ExecutionFault[];
  }

  /** The status an upgrade is refused with, if it is. */
  upgrade(subject: FaultSubject): number | undefined {
    const fault = this.hit(UPGRADE_KINDS, subject)[0];
    return fault?.kind === 'stream-refuse' ? fault.status : undefined;
  }

  private hit(kinds: ReadonlySet<FaultKind>, subject: FaultSubject): readonly Fault[] {
    if (this.rules.length === 0) return NONE;
    const hits: Fault[] = [];
    for (const rule of this.rules) {
      const { fault } = rule;
      if (!kinds.has(fault.kind) || !matchesSubject(fault, subject)) continue;
      rule.seen += 1;
      if (rule.seen <= fault.skip) continue;
      if (fault.count !== undefined && rule.fired >= fault.count) continue;
      if (fault.probability < 1 && rule.random() >= fault.probability) continue;
      rule.fired += 1;
      hits.push(fault);
    }
    return hits;
  }
}

const NONE: readonly Fault[] = [];
const UPGRADE_KINDS = new Set<FaultKind>(['stream-refuse']);

/** Whether a rule's `match` covers a subject; what the rule does not name matches everything. */
export function matchesSubject(fault: Pick<Fault, 'match'>, subject: FaultSubject): boolean {
  const wanted = fault.match;
  return (
    matchesText(wanted.path, subject.path) &&
    matchesText(wanted.method, subject.method) &&
    matchesText(wanted.account, subject.account) &&
    matchesText(wanted.instId, subject.instId) &&
    matchesText(wanted.channel, subject.channel) &&
    matchesText(wanted.clOrdId, subject.clOrdId)
  );
}
