import { CancelAllAfter } from '../engine/cancel-all-after';
import { success } from './envelope';
import { VenueError } from './errors';
import { textOf } from './order-requests';
import { objectBody, type PrivateCall } from './router';
import type { OkxVenue } from './venue';

const LIMIT = { max: 1, windowMs: 1000 };
const MAX_TAGS = 20;
const timers = new WeakMap<OkxVenue, CancelAllAfter>();

/** trade/cancel-all-after: 0 or 10 to 120 s, once a second for each user and tag. */
export function cancelAllAfter(call: PrivateCall): ReturnType<typeof success> {
  const { venue, account } = call;
  const request = objectBody(call);
  const text = textOf(request.timeOut);
  const seconds = Number(text);
  const known = /^\d{1,3}$/.test(text) && (seconds === 0 || (seconds >= 10 && seconds <= 120));
  if (!known) throw new VenueError('51000', 'timeOut');
  const tag = textOf(request.tag);
  if (tag !== '' && !/^[A-Za-z0-9]{1,16}$/.test(tag)) throw new VenueError('51000', 'tag');
  if (!venue.limits.take(`${account.uid}|cancel-all-after|${tag}`, LIMIT)) throw new VenueError('50011');
  const armed = timers.get(venue) ?? new CancelAllAfter();
  timers.set(venue, armed);
  if (tag !== '' && seconds > 0 && !armed.has(account, tag) && armed.tags(account) >= MAX_TAGS)
    throw new VenueError('51071');
  armed.arm(venue, account, tag, seconds * 1000);
  const now = venue.clock.now();
  return success([{ triggerTime: seconds === 0 ? '0' : String(now + seconds * 1000), tag, ts: String(now) }]);
}
