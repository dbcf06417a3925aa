'use client';

import { useSyncExternalStore } from 'react';

const STEP_MS = 5_000;

let now = 0;
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function read(): number {
  // Between steps the same number, as useSyncExternalStore asks; after a pause of the timer a fresh one.
  if (Date.now() - now > STEP_MS) now = Date.now();
  return now;
}

/** The time in steps of five seconds, epoch ms, for ages that are shown; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read, () => 0);
}
