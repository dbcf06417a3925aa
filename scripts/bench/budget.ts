import type { Figure } from '@/testing/bench/figures';

/** One line of the budget: where its figure stands in the results, what it must be, and what is aimed at. */
type Line = {
  readonly name: string;
  readonly path: string;
  readonly must: number;
  readonly aim: number;
  readonly unit: string;
  /** Larger is better. */
  readonly atLeast?: true;
};

const BUDGET: readonly Line[] = [
  { name: 'last answer, 1000 followers, × floor', path: 'fanout.n1000.ackRatio', must: 1.5, aim: 1.25, unit: '' },
  { name: 'all answers committed, 1000', path: 'fanout.n1000.persistedRatio', must: 1.8, aim: 1.4, unit: '' },
  { name: 'last answer, 5000, × floor', path: 'fanout.n5000.ackRatio', must: 2, aim: 1.5, unit: '' },
  { name: 'first order at the venue, 1000', path: 'fanout.n1000.firstOrderMs', must: 25, aim: 10, unit: 'ms' },
  {
    name: 'last answer, 60 ms venue, 1000 connections',
    path: 'fanout.n1000rtt60.ackMs',
    must: 140,
    aim: 110,
    unit: 'ms',
  },
  { name: 'processor time of the worker an order', path: 'fanout.n1000.cpuPerOrderUs', must: 120, aim: 70, unit: 'µs' },
  {
    name: 'memory a follower, his socket apart',
    path: 'memory.bytesPerFollower',
    must: 2048,
    aim: 1024,
    unit: 'bytes',
  },
  { name: 'the naive way, × ours', path: 'fanout.n1000.naiveRatio', must: 5, aim: 10, unit: '', atLeast: true },
  { name: 'webhook accepted, p95, 50 senders at once', path: 'ingest.p95Ms', must: 50, aim: 20, unit: 'ms' },
  {
    name: 'webhook accepted, p95, 50 senders, one a second each',
    path: 'ingest.pacedP95Ms',
    must: 50,
    aim: 20,
    unit: 'ms',
  },
  {
    name: "a tenant's last answer, p95, under another one's burst, × alone",
    path: 'fairness.ratio',
    must: 2,
    aim: 1.5,
    unit: '',
  },
  { name: 'push to 1000 browsers, × bare WebSockets', path: 'push.ratio', must: 3.5, aim: 2.5, unit: '' },
];

export function isFigure(value: unknown): value is Figure {
  return typeof value === 'object' && value !== null && 'median' in value && 'min' in value && 'max' in value;
}

function find(results: unknown, path: string): Figure | null {
  let value: unknown = results;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return isFigure(value) ? value : null;
}

/** The budget's lines that were measured, as a Markdown table. */
export function budgetTable(results: unknown): string {
  const lines = BUDGET.flatMap(({ name, path, must, aim, unit, atLeast }) => {
    const figure = find(results, path);
    if (figure === null) return [];
    const meets = (limit: number): boolean => (atLeast ? figure.median >= limit : figure.median <= limit);
    const sign = atLeast ? '≥' : '≤';
    const verdict = meets(aim) ? 'aim' : meets(must) ? 'must' : '**missed**';
    return `| ${name} | ${figure.median} ${unit} | ${figure.min} – ${figure.max} | ${sign} ${must} | ${sign} ${aim} | ${verdict} |`;
  });
  return ['| figure | median | spread | must | aim | reached |', '|---|---:|---:|---:|---:|---|', ...lines].join('\n');
}

/** Every figure that was measured, as a Markdown table. */
export function figureTable(results: unknown): string {
  const rows: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (isFigure(value)) rows.push(`| ${path} | ${value.median} | ${value.min} – ${value.max} |`);
    else if (Array.isArray(value)) rows.push(`| ${path} | ${value.length} | |`);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) walk(part, path === '' ? name : `${path}.${name}`);
    } else rows.push(`| ${path} | ${String(value)} | |`);
  };
  walk(results, '');
  return ['| figure | median | spread |', '|---|---:|---:|', ...rows].join('\n');
}
