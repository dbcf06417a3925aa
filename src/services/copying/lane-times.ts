import { z } from 'zod';
import { type LaneTimes, NO_TIMES } from '@/domain/signal-order';

const time = z.number().int().nullable();

/** SignalLane.leaderTimes, as JSON. */
export const laneTimesSchema = z.object({
  moved: time,
  settled: time,
  left: time,
  leftSide: z.enum(['long', 'short']).nullable(),
  leftAsStated: z.boolean(),
  levels: time,
});

/** @param text JSON; null: nothing has moved the lane's leader since its times are kept. What cannot be read is as good as none. */
export function readLaneTimes(text: string | null): LaneTimes {
  return text === null ? NO_TIMES : laneTimesSchema.catch(NO_TIMES).parse(JSON.parse(text));
}
