/** connecting: the first time; live; reconnecting: it was live; offline: the browser or the session is gone. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'offline';
export type Live = { readonly state: LiveState /** Epoch ms. */; readonly lastEventAt: number | null };

let current: Live = { state: 'connecting', lastEventAt: null };
const listeners = new Set<() => void>();

/** State of the push connection, outside React, so that a busy stream re-renders only who shows it. */
export const liveStore = {
  get: (): Live => current,
  set(change: Partial<Live>): void {
    current = { ...current, ...change };
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
