import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KILL_SWITCH_LEVELS, type KillSwitchLevel } from '@/domain/risk/types';
import { systemClock } from '@/platform/clock';
import { appendEvents } from '@/platform/event-stream';
import { openRedis } from '@/platform/redis';
import { callWorkers } from '@/services/safety/kill-switch-call';
import { setPlatformKillSwitch } from '@/services/safety/platform-kill-switch';
import { openDatabase } from './open-database';

const USAGE = `npm run kill-switch -- --level none|reduce_only|flatten|halt --confirm platform

Throws or releases the kill switch of the whole installation. Without --level it is only shown. Uses DATABASE_URL and, to be
heard at once, REDIS_URL where they are set, else the service that "npm start" runs in this folder.`;

const { values } = parseArgs({ options: { level: { type: 'string' }, confirm: { type: 'string' } } });
const level = KILL_SWITCH_LEVELS.find((known): known is KillSwitchLevel => known === values.level);
if (values.level !== undefined && (level === undefined || values.confirm !== 'platform')) {
  console.log(USAGE);
  process.exit(1);
}

const database = await openDatabase(process.env.DATABASE_URL || ofService('database'));
try {
  if (level === undefined) {
    const row = await database.system.platform.findFirst();
    console.log(`${row?.killSwitch ?? 'none'}${row?.killSwitchAt ? ` since ${row.killSwitchAt.toISOString()}` : ''}`);
  } else {
    const { previous, messages } = await setPlatformKillSwitch({ database, clock: systemClock }, level);
    await tell(messages);
    console.log(previous === level ? `It already is ${level}.` : `${previous} → ${level}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await database.close();
}

/** A courtesy: workers look at the rows several times a second anyway. */
async function tell(messages: Parameters<typeof appendEvents>[2]): Promise<void> {
  const url = process.env.REDIS_URL || ofService('redis');
  if (url === '') return;
  const prefix = process.env.REDIS_PREFIX || 'slipstream';
  const redis = openRedis(url, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
  redis.on('error', () => undefined);
  await callWorkers(redis, prefix);
  await appendEvents(redis, prefix, messages).catch(() => undefined);
  redis.disconnect();
}

/** An address of the running service's own file. */
function ofService(key: string): string {
  const file = join(resolve(process.env.SLIPSTREAM_DATA_DIR || '.data'), 'run.json');
  const value: unknown = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)[key]
    : '';
  if (typeof value !== 'string' || (value === '' && key === 'database')) {
    console.error(`${USAGE}\n\nNo address is set, and no service runs here (${file}).`);
    process.exit(1);
  }
  return value;
}
