import type { GateRule } from '../types';

type Texts = { readonly ageSeconds: string; readonly maxSeconds: string };

let lastAge = Number.NaN;
let lastMaxLag = Number.NaN;
let lastTexts: Texts = { ageSeconds: '', maxSeconds: '' };

/** Followers who are decided together meet a signal of the same age: it is told once for all of them. */
function textsOf(age: number, maxLagMs: number): Texts {
  if (age !== lastAge || maxLagMs !== lastMaxLag) {
    lastAge = age;
    lastMaxLag = maxLagMs;
    lastTexts = { ageSeconds: seconds(age), maxSeconds: seconds(maxLagMs) };
  }
  return lastTexts;
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(1);
}

/** Too old is refused for closes as well: what the leader did meanwhile may have made it wrong. */
export const signalAge: GateRule = {
  name: 'signal_age',
  phase: 'gate',
  appliesTo: 'all',
  evaluate(_order, { now, signal }) {
    const age = now - signal.sentAt;
    const context = textsOf(age, signal.maxLagMs);
    return {
      value: `${context.ageSeconds} s`,
      limit: `${context.maxSeconds} s`,
      denial: age > signal.maxLagMs ? { code: 'STALE_SIGNAL', context } : null,
    };
  },
};
