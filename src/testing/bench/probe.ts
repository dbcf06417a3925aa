import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { serve } from './serve';

/**
 * Loaded before a process of the product (`node --import`), so that its own figures can be asked for from outside without the
 * product knowing of it.
 */
export type Usage = {
  /** User and system time of the process so far, ms. */
  readonly cpuMs: number;
  readonly rss: number;
  /** JavaScript objects and what they hold outside of the heap, bytes. */
  readonly held: number;
  /** Open sockets, timers and the like. */
  readonly handles: number;
};

let profiling: Session | null = null;

serve(
  {
    /** With `collect`, garbage is collected first (needs --expose-gc). */
    usage: ({ collect }: { readonly collect: boolean }): Usage => {
      if (collect) for (let round = 0; round < 3; round += 1) globalThis.gc?.();
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed, external } = process.memoryUsage();
      return {
        cpuMs: (user + system) / 1000,
        rss,
        held: heapUsed + external,
        handles: process.getActiveResourcesInfo().length,
      };
    },
    startProfile: async (): Promise<void> => {
      profiling = new Session();
      profiling.connect();
      await profiling.post('Profiler.enable');
      await profiling.post('Profiler.setSamplingInterval', { interval: 200 });
      await profiling.post('Profiler.start');
    },
    /** Writes what ran since `startProfile` into a file that browsers' developer tools open. */
    stopProfile: async ({ file }: { readonly file: string }): Promise<void> => {
      const { profile } = (await profiling?.post('Profiler.stop')) ?? {};
      profiling?.disconnect();
      profiling = null;
      writeFileSync(file, JSON.stringify(profile));
    },
  },
  false,
);
