import type { GateRule } from '../types';

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
    const context = { ageSeconds: seconds(age), maxSeconds: seconds(signal.maxLagMs) };
    return {
      value: `${context.ageSeconds} s`,
      limit: `${context.maxSeconds} s`,
      denial: age > signal.maxLagMs ? { code: 'STALE_SIGNAL', context } : null,
    };
  },
};
