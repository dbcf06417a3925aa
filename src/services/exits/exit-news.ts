import { adminRoom, customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import { type ExitRow, exitKey } from './exit-row';

type Seen = { readonly exit: ExitRow; readonly state: string; readonly reason: string | null };

/**
 * Finds what has changed about exits from one look to the next, for the pages. Operators hear of every step; a customer of what keeps
 * his position from being closed: most exits are over before he could read of them.
 */
export class ExitNews {
  #seen: ReadonlyMap<string, Seen> = new Map();

  /** @param exits all that are due now and are this worker's to tell of. */
  since(exits: readonly ExitRow[]): readonly RealtimeMessage[] {
    const before = this.#seen;
    const now = new Map(exits.map((exit) => [exitKey(exit), toSeen(exit)]));
    this.#seen = now;
    const rooms = new Map<string, number>();
    const add = (room: string): void => void rooms.set(room, (rooms.get(room) ?? 0) + 1);
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      const [old, fresh] = [before.get(key), now.get(key)];
      const exit = (fresh ?? old)?.exit;
      if (exit === undefined || old?.state === fresh?.state) continue;
      add(adminRoom(exit.tenantId));
      if ((old?.reason ?? null) !== (fresh?.reason ?? null)) add(customerRoom(exit.customerId));
    }
    return [...rooms].map(([room, changed]) => ({ room, event: 'exit_update', payload: { changed } }));
  }
}

function toSeen(exit: ExitRow): Seen {
  const { cause, attempts, obstacle, code, signalId, told } = exit;
  return { exit, state: JSON.stringify([cause, attempts, obstacle, code, signalId, told]), reason: obstacle ?? code };
}
