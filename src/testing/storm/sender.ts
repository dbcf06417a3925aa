import { setTimeout as delay } from 'node:timers/promises';
import type { StormSignal } from './scenario';

/** A sender gives up waiting for an answer after this long, ms, and sends again with the same id. */
const ANSWER_WITHIN = 3000;
const PAUSE = 300;
const GIVE_UP_AFTER = 90_000;

export type Sent = {
  readonly signal: StormSignal;
  /** Ids that answers of 2xx named; a good receiver names one. */
  readonly signalIds: readonly string[];
  /** The code of a definite refusal; null: it was taken in. */
  readonly refused: string | null;
  readonly attempts: number;
  /** Answers that a receiver must never give: a 5xx that is no "come again", a repeat refused. */
  readonly oddAnswers: readonly string[];
};

type Answer = { readonly status: number; readonly signalId: string | null; readonly code: string | null };

/** Sends one signal as a good sender does: again and again with the same id until the answer is definite. */
export async function sendSignal(url: string, signal: StormSignal): Promise<Sent> {
  const body = JSON.stringify({
    version: 1,
    id: signal.id,
    timestamp: new Date(Date.now() - signal.ageMs).toISOString(),
    instrument: signal.instrument,
    action: signal.action,
    side: signal.side,
    ...(signal.quantity === null ? {} : { quantity: signal.quantity }),
    ...(signal.stops === null
      ? {}
      : { stopLoss: { percent: signal.stops.loss }, takeProfit: { percent: signal.stops.profit } }),
    maxLag: signal.maxLagSeconds,
  });
  const copies = await Promise.all(Array.from({ length: signal.copies }, () => persist(url, body)));
  if (signal.repeatAfter !== null && copies[0]?.signalId) {
    // Not awaited by the sender's next signal: a repeat comes whenever it comes.
    repeats.add(
      delay(signal.repeatAfter)
        .then(() => persist(url, body))
        .then((answer) => void copies.push(answer)),
    );
  }
  return {
    signal,
    get signalIds() {
      return [...new Set(copies.flatMap(({ signalId }) => (signalId === null ? [] : [signalId])))];
    },
    get refused() {
      return copies.some(({ signalId }) => signalId !== null) ? null : (copies[0]?.code ?? 'NO_ANSWER');
    },
    get attempts() {
      return copies.reduce((sum, { attempts }) => sum + attempts, 0);
    },
    get oddAnswers() {
      return copies.flatMap(({ odd }) => odd);
    },
  };
}

/** Repeats under way. */
export const repeats = new Set<Promise<void>>();

type Persisted = {
  readonly signalId: string | null;
  readonly code: string | null;
  readonly attempts: number;
  readonly odd: readonly string[];
};

/** Posts a body until the answer is definite. */
export async function persist(url: string, body: string): Promise<Persisted> {
  const deadline = Date.now() + GIVE_UP_AFTER;
  const odd: string[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const answer = await post(url, body);
    if (answer !== null) {
      const { status, signalId, code } = answer;
      if (status === 202 || status === 200) {
        return { signalId, code: null, attempts, odd: signalId === null ? [...odd, `${status} without an id`] : odd };
      }
      if (status >= 400 && status < 500 && status !== 429) return { signalId: null, code, attempts, odd };
      if (status >= 500 && status !== 503) odd.push(`${status} ${code ?? ''}`);
    }
    if (Date.now() > deadline) return { signalId: null, code: 'GIVEN_UP', attempts, odd };
    await delay(PAUSE);
  }
}

/** Null: no answer. */
async function post(url: string, body: string): Promise<Answer | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    const parsed = (await response.json().catch(() => null)) as {
      data?: { signalId?: string };
      error?: { code?: string };
    } | null;
    return {
      status: response.status,
      signalId: parsed?.data?.signalId ?? null,
      code: parsed?.error?.code ?? null,
    };
  } catch {
    return null;
  }
}
