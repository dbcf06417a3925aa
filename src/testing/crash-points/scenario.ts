import type { Stage } from '../copying/stage';
import { playCrossed } from './crossed-story';
import type { FaultKind } from './fault-plane';
import type { RunResult } from './run-result';
import { playTurn } from './turn-story';

/**
 * net, long_short  open, half closed, reversed, repeated, with stop orders, in one position mode
 * crossed          the market has passed a stop-loss before the venue holds it, in both
 */
export const SCENES = ['net', 'long_short', 'crossed'] as const;
export type Scene = (typeof SCENES)[number];

/**
 * Plays a scene with one worker whose effect `target` goes wrong (null: none), lets others take over, and compares the books. Throws
 * when it does not come to an end.
 */
export function playScenario(
  host: Stage,
  scene: Scene,
  target: string | null,
  kind: FaultKind,
  pace = 1,
): Promise<RunResult> {
  return scene === 'crossed' ? playCrossed(host, target, kind, pace) : playTurn(host, scene, target, kind, pace);
}
