import { cancel } from './cancel';
import { type Account, isTerminal } from './model';
import type { Venue } from './venue';

/** Timers of one venue, by account and tag. A restart of the venue forgets them. */
export class CancelAllAfter {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  /** How many tags of an account have a timer. */
  tags(account: Account): number {
    return [...this.timers.keys()].filter((key) => key.startsWith(`${account.uid}|`) && key !== `${account.uid}|`)
      .length;
  }

  has(account: Account, tag: string): boolean {
    return this.timers.has(`${account.uid}|${tag}`);
  }

  /** Cancels what rests, of a tag or all, unless it is called again before `ms` are over; 0 turns it off. */
  arm(venue: Venue, account: Account, tag: string, ms: number): void {
    const key = `${account.uid}|${tag}`;
    const before = this.timers.get(key);
    if (before) {
      clearTimeout(before);
      venue.timers.delete(before);
      this.timers.delete(key);
    }
    if (ms === 0) return;
    const timer = setTimeout(() => {
      this.timers.delete(key);
      venue.timers.delete(timer);
      for (const order of [...account.pending.values()]) {
        if ((tag === '' || order.tag === tag) && !isTerminal(order.state))
          cancel(venue, account, order, 'cancel-all-after');
      }
    }, ms);
    venue.timers.add(timer);
    this.timers.set(key, timer);
  }
}
