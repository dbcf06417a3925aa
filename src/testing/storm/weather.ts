import { Chance } from './chance';
import { type ClockStep, makeClocks } from './clocks';

/** What is ended with kill -9. The simulator dies of its own `kill` fault, which loses nothing that it had accepted. */
export const KILLED = ['worker-1', 'worker-2', 'web', 'redis', 'mysql', 'simulator'] as const;
export type Killed = (typeof KILLED)[number];

export type Kill = { readonly at: number; readonly target: Killed; readonly downFor: number };

/** MariaDB is stopped and continued: a disk that hangs. */
export type Freeze = { readonly at: number; readonly ms: number };

/** What a fault can honestly be blamed for. */
export const BLAME = [
  'placement',
  'leverage',
  'market',
  'refusal',
  'partial',
  'stream',
  'clock',
  'query',
  'idle',
] as const;
export type Blame = (typeof BLAME)[number];

/** Rules of the simulator's control API, set at one moment. */
export type FaultEvent = {
  readonly at: number;
  readonly name: string;
  readonly blame: Blame;
  readonly rules: readonly Readonly<Record<string, unknown>>[];
};

export type Weather = {
  readonly kills: readonly Kill[];
  readonly freezes: readonly Freeze[];
  readonly faults: readonly FaultEvent[];
  /** Before these moments nobody traded for long, ms. */
  readonly idles: readonly number[];
  readonly clocks: readonly ClockStep[];
};

/** An order comes over REST or over its account's private stream. */
const ORDERS = [
  { method: 'POST', path: '/api/v5/trade/order' },
  { method: 'WS', path: 'order' },
] as const;
const LEVERAGE = { method: 'POST', path: '/api/v5/account/set-leverage' } as const;
const QUERY = { method: 'GET', path: '/api/v5/trade/*' } as const;
const MARKET = { method: 'GET', path: '/api/v5/market/*' } as const;
const PRIVATE = '/ws/v5/private';
const HTML = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
/** The code of the definite refusals: insufficient margin. */
export const REFUSAL_CODE = '51008';

type Maker = (chance: Chance) => Omit<FaultEvent, 'at'>;

/** How long a rule lives, and how many of the events it meets. */
function spell(chance: Chance): { readonly durationMs: number; readonly probability: number } {
  return { durationMs: chance.integer(400, 3500), probability: chance.integer(2, 10) / 10 };
}

function placement(name: string, rule: (chance: Chance) => Readonly<Record<string, unknown>>): Maker {
  return (chance) => {
    const fields = { ...spell(chance), ...rule(chance) };
    return { name, blame: 'placement', rules: ORDERS.map((match) => ({ match, ...fields })) };
  };
}

function push(name: string, rule: (chance: Chance) => Readonly<Record<string, unknown>>): Maker {
  return (chance) => ({
    name,
    blame: 'stream',
    rules: [{ match: { channel: 'orders' }, ...spell(chance), ...rule(chance) }],
  });
}

const MAKERS: readonly [Maker, ...Maker[]] = [
  placement('connection dropped after the order was accepted', () => ({ kind: 'drop', when: 'after' })),
  placement('connection dropped before the order was read', () => ({ kind: 'drop', when: 'before' })),
  placement('accepted after the client’s time-out', (chance) => ({
    kind: 'latency',
    ms: chance.integer(5050, 5600),
    jitterMs: 200,
  })),
  placement('slow venue', (chance) => ({ kind: 'latency', ms: chance.integer(50, 1500), jitterMs: 500 })),
  placement('answered after the push said filled', (chance) => ({
    kind: 'hold-answer',
    ms: chance.integer(300, 3000),
    jitterMs: 800,
  })),
  placement('answered after the client’s time-out', () => ({ kind: 'hold-answer', ms: 5300, jitterMs: 200 })),
  placement('50011 storm', () => ({ kind: 'refuse', code: '50011', status: 429 })),
  placement('50061 storm', () => ({ kind: 'refuse', code: '50061' })),
  placement('50013 before or after the order was accepted', (chance) => ({
    kind: 'refuse',
    code: '50013',
    when: chance.pick(['before', 'after']),
  })),
  placement('50001 before or after the order was accepted', (chance) => ({
    kind: 'refuse',
    code: '50001',
    when: chance.pick(['before', 'after']),
  })),
  placement('50026 after the order was accepted', () => ({ kind: 'refuse', code: '50026', when: 'after' })),
  placement('51149 after the order was accepted', () => ({ kind: 'refuse', code: '51149', when: 'after' })),
  placement('429 page', () => ({ kind: 'status', status: 429 })),
  placement('500 page', (chance) => ({ kind: 'status', status: 500, when: chance.pick(['before', 'after']) })),
  placement('502 page', (chance) => ({
    kind: 'status',
    status: 502,
    body: HTML,
    when: chance.pick(['before', 'after']),
  })),
  placement('503 page', (chance) => ({ kind: 'status', status: 503, when: chance.pick(['before', 'after']) })),
  placement('empty answers', (chance) => ({ kind: 'empty', when: chance.pick(['before', 'after']) })),
  placement('truncated answers', (chance) => ({ kind: 'truncate', keep: chance.integer(0, 9) / 10 })),
  push('pushes missing', () => ({ kind: 'push-drop' })),
  push('pushes duplicated', (chance) => ({ kind: 'push-duplicate', copies: chance.integer(1, 4) })),
  push('pushes late', (chance) => ({ kind: 'push-delay', ms: chance.integer(200, 5000) })),
  push('pushes reordered', (chance) => ({ kind: 'push-reorder', ms: chance.integer(50, 2000) })),
  push('streams cut at a push', (chance) => ({ kind: 'stream-cut', count: chance.integer(1, 20) })),
  () => ({
    name: 'all private streams cut',
    blame: 'stream',
    rules: [{ kind: 'stream-cut', now: true, match: { path: PRIVATE } }],
  }),
  (chance) => ({
    name: 'private streams cut and refused',
    blame: 'stream',
    rules: [
      { kind: 'stream-refuse', match: { path: PRIVATE }, durationMs: chance.integer(2000, 20_000) },
      { kind: 'stream-cut', now: true, match: { path: PRIVATE } },
    ],
  }),
  (chance) => ({
    name: 'streams told to go',
    blame: 'stream',
    rules: [{ kind: 'stream-notice', afterMs: chance.integer(100, 3000), match: { path: PRIVATE } }],
  }),
  (chance) => ({
    name: 'clock skew',
    blame: 'clock',
    rules: [{ kind: 'clock-skew', ms: chance.integer(-1200, 1200), durationMs: chance.integer(1000, 8000) }],
  }),
  (chance) => ({
    name: 'fills late',
    blame: 'stream',
    rules: [{ kind: 'fill-delay', ms: chance.integer(100, 4000), ...spell(chance) }],
  }),
  (chance) => ({
    name: 'partial fills, the rest later',
    blame: 'stream',
    rules: [
      {
        kind: 'partial-fill',
        fraction: chance.integer(1, 9) / 10,
        rest: 'later',
        ms: chance.integer(50, 3000),
        ...spell(chance),
      },
    ],
  }),
  (chance) => ({
    name: 'partial fills, the rest cancelled',
    blame: 'partial',
    rules: [
      {
        kind: 'partial-fill',
        fraction: chance.integer(1, 9) / 10,
        rest: 'cancel',
        count: chance.integer(1, 10),
        ...spell(chance),
      },
    ],
  }),
  (chance) => {
    const fields = { kind: 'refuse', code: REFUSAL_CODE, ...spell(chance), count: chance.integer(1, 8) };
    return { name: 'definite refusals', blame: 'refusal', rules: ORDERS.map((match) => ({ match, ...fields })) };
  },
  (chance) => ({
    name: 'leverage throttled',
    blame: 'leverage',
    rules: [{ kind: 'refuse', code: '50011', status: 429, match: LEVERAGE, ...spell(chance) }],
  }),
  (chance) => ({
    name: 'leverage unanswered',
    blame: 'leverage',
    rules: [{ kind: 'drop', when: chance.pick(['before', 'after']), match: LEVERAGE, ...spell(chance) }],
  }),
  (chance) => ({
    name: 'questions unanswered',
    blame: 'query',
    rules: [{ kind: 'drop', when: 'before', match: QUERY, ...spell(chance) }],
  }),
  (chance) => ({
    name: 'questions answered with pages',
    blame: 'query',
    rules: [
      { kind: 'status', status: chance.pick([429, 500, 502]), match: QUERY, ...spell(chance) },
      { kind: 'truncate', keep: 0.5, match: QUERY, durationMs: 1500, probability: 0.5 },
    ],
  }),
  (chance) => ({
    name: 'prices unanswered',
    blame: 'market',
    rules: [{ kind: 'status', status: 502, match: MARKET, durationMs: chance.integer(500, 1500), probability: 0.5 }],
  }),
];

/**
 * The faults of one seed. Half of the kills come within two seconds after a signal, when there is most to lose; the others at any
 * moment. Every third worker kill takes the second worker soon after the first.
 */
export function makeWeather(seed: number, signalTimes: readonly number[], length: number, kills: number): Weather {
  const chance = new Chance(seed, 'kills');
  const targets = ['worker-1', 'worker-2', 'worker-1', 'worker-2', 'web', 'redis', 'mysql', 'simulator'] as const;
  const made = Array.from({ length: kills }, (_, index): Kill => {
    const near = signalTimes[chance.integer(0, Math.max(0, signalTimes.length - 1))] ?? 0;
    const at = chance.oneIn(2) ? near + chance.integer(0, 2000) : chance.integer(500, length + 4000);
    // Every target in turn, so that each seed sees most of them.
    const target = targets[(index + seed) % targets.length] ?? 'worker-1';
    return { at, target, downFor: chance.oneIn(3) ? chance.integer(1000, 4000) : chance.integer(0, 500) };
  });
  const skies = new Chance(seed, 'faults');
  const faults = Array.from({ length: 12 + skies.integer(0, 8) }, () => {
    const near = signalTimes[skies.integer(0, Math.max(0, signalTimes.length - 1))] ?? 0;
    const at = Math.max(0, skies.oneIn(3) ? skies.integer(0, length) : near + skies.integer(-300, 800));
    return { at, ...skies.pick(MAKERS)(skies) };
  });
  const disk = new Chance(seed, 'disk');
  const freezes = Array.from({ length: disk.integer(1, 4) }, () => ({
    at: disk.integer(0, length + 2000),
    ms: disk.integer(100, 1500),
  }));
  return {
    kills: made.sort(byTime),
    freezes: freezes.sort(byTime),
    faults: faults.sort(byTime),
    idles: [...makeIdles(seed, signalTimes)].sort((a, b) => a - b),
    clocks: [...makeClocks(seed, length)].sort(byTime),
  };
}

/** Before which signals a long time has passed, ms after the storm's start. */
function makeIdles(seed: number, signalTimes: readonly number[]): readonly number[] {
  const chance = new Chance(seed, 'idle');
  return Array.from({ length: chance.integer(1, 2) }, () => {
    const near = signalTimes[chance.integer(0, Math.max(0, signalTimes.length - 1))] ?? 0;
    return Math.max(0, near - chance.integer(0, 1500));
  });
}

function byTime(a: { readonly at: number }, b: { readonly at: number }): number {
  return a.at - b.at;
}
