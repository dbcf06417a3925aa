import type { QueryClient, QueryKey } from '@tanstack/react-query';

const DEFAULT_WAIT_MS = 400;

/**
 * Fetches what a push has made stale, in response to pushes only: the first of a burst starts a wait, the end of the wait
 * fetches once, so that a thousand fills cause a few requests and the last of them is always followed by one.
 */
export function createRefresher(client: QueryClient) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  return {
    soon(key: QueryKey, waitMs = DEFAULT_WAIT_MS): void {
      const name = JSON.stringify(key);
      if (timers.has(name)) return;
      const fetchAgain = () => {
        timers.delete(name);
        void client.invalidateQueries({ queryKey: key });
      };
      timers.set(name, setTimeout(fetchAgain, waitMs));
    },
    dispose(): void {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
