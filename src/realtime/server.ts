import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { adminRoom, customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import { currentTime } from '@/platform/clock';
import { CURSOR, compareCursors, createEventReader, type StreamEntry } from '@/platform/event-stream';
import type { Logger } from '@/platform/log';

/** Who stands behind a connection. Operators are admins here: both read the tenant's room. */
export type RealtimeIdentity = {
  readonly tenantId: string;
  readonly role: 'admin' | 'operator' | 'customer';
  readonly customerId: string | null;
  /** Epoch ms at which the session ends, and the connection with it; null: it does not end by itself. */
  readonly expiresAt?: number | null;
};

export type RealtimeOptions = {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly logger: Logger;
  /** Public address of the pages; a browser page of any other host is refused. */
  readonly publicUrl: string;
  /** Finds the session of a request's Cookie header; null: nobody is logged in. */
  readonly authenticate: (cookieHeader: string | undefined) => Promise<RealtimeIdentity | null>;
  /** Lets upgrades that are not ours live: the pages' own hot reload needs it in development. */
  readonly sharesUpgrades?: boolean;
};

export interface RealtimeServer {
  /** Whether browsers can connect. */
  healthy(): boolean;
  /** Where the stream of events stands; a page that is rendered now has seen everything before it. */
  cursor(): string;
  close(): Promise<void>;
}

/** Entries replayed to one browser at most; who missed more fetches its lists again. */
const REPLAY_LIMIT = 2_000;
/** Before the first entry is seen, pages start this far back: a repeated event does no harm, a missed one does. */
const START_MARGIN_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Entry = StreamEntry<RealtimeMessage>;
type Waiting = { readonly rooms: readonly string[]; readonly entries: Entry[] };

/**
 * Pushes the event stream to browsers over the web server's own port. Each event is `emit(name, payload, cursor)`.
 * A browser that comes (back) with a cursor gets what its rooms missed, in order and once, or `resync` with a new cursor.
 */
export function startRealtime(http: HttpServer, options: RealtimeOptions): RealtimeServer {
  const { logger, redisUrl, redisPrefix } = options;
  const startedAt = currentTime();
  let last: string | null = null;
  let open = true;
  const waiting = new Map<Socket, Waiting>();
  /** Sockets that were told more than has been relayed, and up to where. */
  const ahead = new Map<Socket, string>();

  const io = new Server(http, {
    // WebSocket alone needs no sticky sessions, so any replica serves any browser.
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 10_000,
    destroyUpgrade: options.sharesUpgrades !== true,
    allowRequest: (request, answer) => answer(null, isOwnOrigin(request, options.publicUrl)),
  });

  const reader = createEventReader<RealtimeMessage>(redisUrl, redisPrefix, logger, (entry) => {
    last = entry.cursor;
    const served = alreadyServed(entry.cursor);
    for (const message of entry.messages) {
      io.to(message.room).except(served).emit(message.event, message.payload, entry.cursor);
    }
    for (const { entries } of waiting.values()) entries.push(entry);
  });

  /** Sockets whose replay already held this entry: it was read past what had been relayed. */
  function alreadyServed(at: string): string[] {
    const served: string[] = [];
    for (const [socket, sent] of ahead) {
      if (compareCursors(at, sent) <= 0) served.push(socket.id);
      else ahead.delete(socket);
    }
    return served;
  }

  const cursor = (): string => last ?? `${Math.max(startedAt, currentTime()) - START_MARGIN_MS}-0`;

  io.use(async (socket, next) => {
    try {
      const identity = await options.authenticate(socket.request.headers.cookie);
      if (identity === null) return next(refusal());
      socket.data.identity = identity;
      next();
    } catch (error) {
      logger.warn({ reason: (error as Error).message }, 'a connection could not be authenticated');
      next(new Error('UNAVAILABLE'));
    }
  });

  io.on('connection', (socket) => {
    const identity = socket.data.identity as RealtimeIdentity;
    const rooms = roomsOf(identity);
    endWithSession(socket, identity);
    socket.on('disconnect', () => {
      waiting.delete(socket);
      ahead.delete(socket);
    });
    void admit(socket, rooms);
  });

  async function admit(socket: Socket, rooms: readonly string[]): Promise<void> {
    const from: unknown = socket.handshake.auth.cursor;
    // What arrives while the replay is read is kept aside, so that nothing is lost between the two or sent out of order.
    const state: Waiting = { rooms, entries: [] };
    waiting.set(socket, state);
    const missed = typeof from === 'string' && CURSOR.test(from) ? await missedSince(from) : null;
    if (!waiting.delete(socket)) return;
    if (missed === null) {
      socket.emit('resync', cursor());
    } else {
      let sent = typeof from === 'string' ? from : '0-0';
      for (const entry of [...missed, ...state.entries]) {
        if (compareCursors(entry.cursor, sent) <= 0) continue;
        sent = entry.cursor;
        for (const message of entry.messages) {
          if (rooms.includes(message.room)) socket.emit(message.event, message.payload, entry.cursor);
        }
      }
      if (last === null || compareCursors(sent, last) > 0) ahead.set(socket, sent);
    }
    await socket.join([...rooms]);
  }

  /** Null: too much or too long ago to replay. */
  async function missedSince(from: string): Promise<readonly Entry[] | null> {
    try {
      const entries = await reader.since(from, REPLAY_LIMIT + 1);
      return entries !== null && entries.length <= REPLAY_LIMIT ? entries : null;
    } catch (error) {
      logger.warn({ reason: (error as Error).message }, 'missed events could not be read');
      return null;
    }
  }

  return {
    healthy: () => open,
    cursor,
    async close() {
      open = false;
      await reader.close();
      await io.close();
    },
  };
}

function roomsOf(identity: RealtimeIdentity): readonly string[] {
  if (identity.role !== 'customer') return [adminRoom(identity.tenantId)];
  return identity.customerId === null ? [] : [customerRoom(identity.customerId)];
}

function refusal(): Error {
  return new Error('UNAUTHENTICATED');
}

function endWithSession(socket: Socket, identity: RealtimeIdentity): void {
  const { expiresAt } = identity;
  if (expiresAt === null || expiresAt === undefined) return;
  const left = Math.min(Math.max(0, expiresAt - currentTime()), LONGEST_TIMER_MS);
  const timer = setTimeout(() => socket.disconnect(true), left);
  timer.unref();
  socket.on('disconnect', () => clearTimeout(timer));
}

/** Cookies are sent by any page that opens a WebSocket here, so the page's own origin must be ours. */
function isOwnOrigin(request: IncomingMessage, publicUrl: string): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  try {
    const from = new URL(origin);
    return from.host === host || from.origin === new URL(publicUrl).origin;
  } catch {
    return false;
  }
}
