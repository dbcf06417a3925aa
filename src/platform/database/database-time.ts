import { offsetOf, refineOffset } from '@/domain/clock-offset';
import { databaseTime, setDatabaseTime } from '../clock';
import type { Logger } from '../log';
import type { RawReader } from './database';
import { databaseNow } from './now';

/** The database is asked for its time so often, ms. */
const EVERY = 10_000;
/** The first answer pays for the connection: so many are asked for at first. */
const FIRST_ROUNDS = 3;

/**
 * Has `currentTime()` tell the database's time from here on, for the whole process. Resolves with what ends the asking once the first answers are
 * there, or the database was found away: then it is asked again, and the machine's own time holds until it answers.
 */
export async function followDatabaseTime(db: RawReader, logger: Logger): Promise<() => void> {
  const ask = async (rounds: number): Promise<void> => {
    try {
      for (let round = 0; round < rounds; round += 1) {
        const asked = performance.now();
        const told = await databaseNow(db);
        setDatabaseTime(refineOffset(databaseTime(), offsetOf(asked, told.getTime(), performance.now())));
      }
    } catch (error) {
      logger.debug({ reason: (error as Error).message }, 'the database was not asked for its time');
    }
  };
  await ask(FIRST_ROUNDS);
  const timer = setInterval(() => void ask(databaseTime() === null ? FIRST_ROUNDS : 1), EVERY);
  timer.unref();
  return () => clearInterval(timer);
}
