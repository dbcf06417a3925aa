'use client';

import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { io, type Socket } from 'socket.io-client';
import type { RealtimeEventName, RealtimeEvents } from '@/contracts/realtime';
import { createCachePatcher } from './cache';
import { type Live, liveStore } from './live-store';

type Events = {
  [K in RealtimeEventName]: (payload: RealtimeEvents[K], cursor: string) => void;
} & { resync: (cursor: string) => void };

const SocketContext = createContext<Socket<Events> | null>(null);

/** One connection for the whole page; its events go into the cache of fetched rows. `cursor`: where the page stands. */
export function LiveProvider({ cursor, children }: { cursor: string; children: ReactNode }) {
  const client = useQueryClient();
  const position = useRef(cursor);
  const [socket, setSocket] = useState<Socket<Events> | null>(null);

  useEffect(() => {
    const patcher = createCachePatcher(client);
    const connection: Socket<Events> = io({
      transports: ['websocket'],
      reconnectionDelay: 300,
      reconnectionDelayMax: 5000,
      auth: (answer) => answer({ cursor: position.current }),
    });
    const follow = <K extends RealtimeEventName>(event: K) => {
      const listener = (payload: RealtimeEvents[K], at: string) => {
        position.current = at;
        liveStore.set({ lastEventAt: Date.now() });
        patcher.handlers[event](payload);
      };
      connection.on(event, listener as never);
    };
    for (const event of Object.keys(patcher.handlers) as RealtimeEventName[]) follow(event);
    const resync: Events['resync'] = (at) => {
      position.current = at;
      void client.invalidateQueries();
    };
    connection.on('resync', resync as never);
    connection.on('connect', () => liveStore.set({ state: 'live' }));
    connection.on('disconnect', (reason) => {
      const ended = reason === 'io client disconnect';
      liveStore.set({ state: ended ? 'offline' : 'reconnecting' });
      // The server ends a connection with its session; trying again tells whether there is a new one.
      if (reason === 'io server disconnect') connection.connect();
    });
    connection.on('connect_error', (error) => {
      liveStore.set({ state: error.message === 'UNAUTHENTICATED' || !navigator.onLine ? 'offline' : 'reconnecting' });
    });
    const online = () => connection.connect();
    window.addEventListener('online', online);
    setSocket(connection);
    return () => {
      window.removeEventListener('online', online);
      connection.disconnect();
      patcher.dispose();
    };
  }, [client]);

  return <SocketContext.Provider value={socket}>{children}</SocketContext.Provider>;
}

const SERVER_SIDE: Live = { state: 'connecting', lastEventAt: null };

export function useLive(): Live {
  return useSyncExternalStore(liveStore.subscribe, liveStore.get, () => SERVER_SIDE);
}

/** Hears one event while the component is there. */
export function useLiveEvent<K extends RealtimeEventName>(
  event: K,
  handler: (payload: RealtimeEvents[K]) => void,
): void {
  const socket = useContext(SocketContext);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (socket === null) return;
    const listener = (payload: RealtimeEvents[K]) => latest.current(payload);
    socket.on(event, listener as never);
    return () => {
      socket.off(event, listener as never);
    };
  }, [socket, event]);
}
