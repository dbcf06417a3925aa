import type { Logger } from '@/platform/log';

/** Something that is done again and again. */
export interface Loop {
  /** Resolves when a run that is under way has ended; no further one starts. */
  stop(): Promise<void>;
}

/** Runs `work` now and then `ms` after each end, for ever. A failed run is logged and the next one tries again. */
export function every(ms: number, logger: Logger, name: string, work: () => Promise<void>): Loop {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn({ loop: name, reason: (error as Error).message }, 'a regular task failed');
    }
    if (!stopped) timer = setTimeout(start, ms);
  };
  const start = (): void => {
    running = run();
  };
  start();
  return {
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
