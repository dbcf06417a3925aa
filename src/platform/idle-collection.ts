import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is asked of the engine. */
export type YoungSpace = {
  /** Bytes of objects made since the last collection, and of those that outlived it. */
  readonly used: () => number;
  /** Collects what is young and not needed any more: a millisecond or two while hardly anything is. */
  readonly collect: () => void;
};

/** Less than this is left for the next look, bytes. */
const WORTH = 8 * 2 ** 20;

/**
 * Makes room for young objects while there is nothing to do. Left to itself the engine does it when the room is full, most likely in
 * the middle of a signal: then all that its orders need is copied, 10 to 20 ms in which nothing leaves.
 */
export function collectWhenIdle(isIdle: () => boolean, young: YoungSpace = youngSpace()): () => void {
  return () => {
    if (isIdle() && young.used() >= WORTH) young.collect();
  };
}

/** The engine's own, which from now on is not collected before it is full: by itself the engine does it at four fifths. */
export function youngSpace(): YoungSpace {
  setFlagsFromString('--no-minor-gc-task');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  return {
    used: () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_used_size ?? 0,
    collect: () => collect({ type: 'minor' }),
  };
}
