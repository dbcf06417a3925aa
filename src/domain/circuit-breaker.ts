/**
 * A circuit breaker as a table of moves: closed (requests go) → open (nothing goes) → half open (one cheap question is on
 * its way) → closed or open again. Pure: times come in from a clock that never goes back, ms.
 */

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/**
 * Why the other side seems to be gone. connect: no connection · timeout: no answer in time · connection_lost: cut before an
 * answer · server_error: a 5xx page · foreign_answer: something answered that is not the venue.
 */
export const CONTACT_FAILURES = ['connect', 'timeout', 'connection_lost', 'server_error', 'foreign_answer'] as const;
export type ContactFailure = (typeof CONTACT_FAILURES)[number];

/** What an attempt says about the other side's being there. An answer that says no is an answer. */
export type Contact = 'answered' | ContactFailure;

export type Circuit = {
  readonly state: BreakerState;
  /** Since when it is closed, or not closed. */
  readonly since: number;
  /** Counts openings and closings. What was sent in an earlier spell says nothing about this one. */
  readonly spell: number;
  /** Failures in a row, those of probes included. */
  readonly failures: number;
  /** The first failure of the row; null: there is none. */
  readonly failingSince: number | null;
  readonly lastFailure: ContactFailure | null;
  readonly lastFailureAt: number | null;
  /** Null unless open. */
  readonly nextProbeAt: number | null;
  /** Pauses since a request was last answered: each is longer than the one before. */
  readonly pauses: number;
};

export type CircuitEvent =
  /** What became of a request that was sent in `spell`. */
  | { readonly kind: 'request'; readonly contact: Contact; readonly spell: number; readonly at: number }
  | { readonly kind: 'probe_sent'; readonly at: number }
  | { readonly kind: 'probe'; readonly contact: Contact; readonly at: number };

export type CircuitLimits = {
  /** So many failures in a row open it… */
  readonly failures: number;
  /** …where the first of them is not older than this, ms. */
  readonly within: number;
  /** The pause before the first probe, ms; it doubles up to the longest. */
  readonly firstPause: number;
  readonly longestPause: number;
};

export const CIRCUIT_LIMITS: CircuitLimits = { failures: 5, within: 30_000, firstPause: 500, longestPause: 5000 };

export function closedCircuit(at: number): Circuit {
  return {
    state: 'closed',
    since: at,
    spell: 0,
    failures: 0,
    failingSince: null,
    lastFailure: null,
    lastFailureAt: null,
    nextProbeAt: null,
    pauses: 0,
  };
}

/** The circuit after an event; the same object where nothing changed. */
export function advanceCircuit(circuit: Circuit, event: CircuitEvent, limits: CircuitLimits): Circuit {
  switch (event.kind) {
    case 'request':
      // What comes back late must neither close an open circuit nor open one that a probe has just closed.
      if (circuit.state !== 'closed' || event.spell !== circuit.spell) return circuit;
      return event.contact === 'answered' ? answered(circuit) : failed(circuit, event.contact, event.at, limits);
    case 'probe_sent':
      return circuit.state === 'open' ? { ...circuit, state: 'half_open', nextProbeAt: null } : circuit;
    case 'probe':
      if (circuit.state !== 'half_open') return circuit;
      if (event.contact !== 'answered') {
        return opened(withFailure(circuit, event.contact, event.at), event.at, limits);
      }
      return {
        ...circuit,
        state: 'closed',
        since: event.at,
        spell: circuit.spell + 1,
        failures: 0,
        failingSince: null,
      };
  }
}

/** Nothing has failed lately: one more answer changes nothing, and every order brings one. */
export function isSound({ state, failures, pauses }: Circuit): boolean {
  return state === 'closed' && failures === 0 && pauses === 0;
}

function answered(circuit: Circuit): Circuit {
  if (isSound(circuit)) return circuit;
  return { ...circuit, failures: 0, failingSince: null, pauses: 0 };
}

function failed(circuit: Circuit, failure: ContactFailure, at: number, limits: CircuitLimits): Circuit {
  const old = circuit.failingSince !== null && at - circuit.failingSince > limits.within;
  const next = withFailure(old ? { ...circuit, failures: 0, failingSince: null } : circuit, failure, at);
  if (next.failures < limits.failures) return next;
  return opened({ ...next, since: at, spell: circuit.spell + 1 }, at, limits);
}

function withFailure(circuit: Circuit, failure: ContactFailure, at: number): Circuit {
  return {
    ...circuit,
    failures: circuit.failures + 1,
    failingSince: circuit.failingSince ?? at,
    lastFailure: failure,
    lastFailureAt: at,
  };
}

function opened(circuit: Circuit, at: number, limits: CircuitLimits): Circuit {
  const pause = Math.min(limits.firstPause * 2 ** circuit.pauses, limits.longestPause);
  return { ...circuit, state: 'open', nextProbeAt: at + pause, pauses: circuit.pauses + 1 };
}
