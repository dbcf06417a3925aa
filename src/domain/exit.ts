import type { ClosingFormat } from './signal';

/**
 * Why a follower's position, or a part of it, has to go although no signal of its leader closes it now. The first that applies counts.
 *
 * flatten      a kill switch says so
 * crossed      the market passed its stop-loss or take-profit before the venue could hold it
 * leader_left  its leader does not stand on that side any more: a close that failed, was cut or came to late a fill
 * share        its leader closed a part, and the follower's share of that was not closed whole
 */
export const EXIT_CAUSES = ['flatten', 'crossed', 'leader_left', 'share'] as const;
export type ExitCause = (typeof EXIT_CAUSES)[number];

const FORMATS: Readonly<Record<ExitCause, ClosingFormat>> = {
  flatten: 'flatten',
  crossed: 'crossed-stop',
  leader_left: 'exit',
  share: 'exit',
};

/** The format of the signals that close for a cause. */
export function formatOfExit(cause: ExitCause): ClosingFormat {
  return FORMATS[cause];
}

/**
 * What keeps an exit from being tried: not one attempt is made while it lasts. Codes of `DENIAL_CODES`, so that they have their words.
 */
export const EXIT_OBSTACLES = [
  'KILL_SWITCH',
  'CUSTOMER_SUSPENDED',
  'ACCOUNT_UNAVAILABLE',
  'VENUE_UNREACHABLE',
  'INSTRUMENT_SUSPENDED',
] as const;
export type ExitObstacle = (typeof EXIT_OBSTACLES)[number];

/**
 * Why an attempt did not close all, beside the codes of venues and denials.
 *
 * CUT                the venue closed a part of it only
 * BLOCKED_BY_ORDERS  orders that are none of ours wait to close it
 * PLANNING_FAILED    its signal could not be planned
 */
/** The venue took a close and cancelled a part of it: it has less than was to be closed. */
export const CUT = 'CUT';

export const EXIT_CODES = [CUT, 'BLOCKED_BY_ORDERS', 'PLANNING_FAILED'] as const;
export type ExitCode = (typeof EXIT_CODES)[number];

/** Pauses after the attempts that did not close all, ms. */
const PAUSES = [0, 1_000, 2_000, 5_000, 10_000] as const;
/** Further attempts of the first ten minutes, of the first hour, and for ever, ms. */
const EVERY = [
  [10 * 60_000, 20_000],
  [60 * 60_000, 60_000],
  [Number.POSITIVE_INFINITY, 300_000],
] as const;

/**
 * How long to wait before the next attempt.
 *
 * @param attempts those made so far
 * @param lasted since the exit is due, ms
 */
export function pauseBeforeExit(attempts: number, lasted: number): number {
  return PAUSES[attempts] ?? EVERY.find(([until]) => lasted < until)?.[1] ?? 300_000;
}

/** The longest pause after a refusal that speaks of the instrument's state, ms: nobody says when that ends. */
const LONGEST_WHILE_CLOSED = 20_000;

/** The same where the venue said that the instrument takes no orders for now. */
export function pauseWhileClosed(attempts: number, lasted: number): number {
  return Math.min(LONGEST_WHILE_CLOSED, pauseBeforeExit(attempts, lasted));
}

/** An exit that is not done so long after it became due is told, ms. */
export const EXIT_TOLD_AFTER = 30_000;
