import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { portHolder } from './port-holder';

/** Why nothing may listen on host:port now; undefined where something may. Port 0 is always free. */
function whyNotFree(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** A port that the system says is free at this moment. */
export function anyFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

export interface ChosenPorts<Name extends string> {
  readonly ports: Record<Name, number>;
  /** Lets other starts have them. */
  release(): void;
}

/**
 * A free port for every name: the remembered one when it is free, else the preferred one, else one of the next fifty, else any. The
 * choice is kept in `file`, so that addresses stay the same from start to start. Between the choice and the moment when a process
 * listens there, and while one that crashed is started again, the ports are reserved, so that another start does not choose them.
 *
 * @param pinned ports that must be these; an Error names who holds such a port
 */
export async function choosePorts<Name extends string>(
  file: string,
  preferred: Record<Name, number>,
  host = '127.0.0.1',
  pinned: Partial<Record<Name, number>> = {},
): Promise<ChosenPorts<Name>> {
  const remembered = readRemembered(file);
  const reservations: Reservation[] = [];
  const release = (): void => {
    for (const reservation of reservations) reservation.close();
  };
  const chosen: Partial<Record<Name, number>> = {};
  try {
    for (const name of Object.keys(preferred) as Name[]) {
      const reservation =
        pinned[name] === undefined
          ? await reserveFirst(candidates(remembered[name], preferred[name]), host)
          : await reservePinned(pinned[name], host);
      if (reservation !== undefined) reservations.push(reservation);
      chosen[name] = reservation?.port ?? (await anyFreePort(host));
    }
  } catch (error) {
    release();
    throw error;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...remembered, ...chosen }, null, 2)}\n`);
  return { ports: chosen as Record<Name, number>, release };
}

function candidates(remembered: number | undefined, preferred: number): number[] {
  const nearby = Array.from({ length: 50 }, (_, index) => preferred + 1 + index);
  return [...(remembered ? [remembered] : []), preferred, ...nearby].filter((port) => port < 65_536);
}

interface Reservation {
  readonly port: number;
  close(): void;
}

async function reserveFirst(ports: readonly number[], host: string): Promise<Reservation | undefined> {
  for (const port of ports) {
    const reservation = await reserve(port);
    if (reservation === undefined) continue;
    if ((await whyNotFree(port, host)) === undefined) return reservation;
    reservation.close();
  }
  return undefined;
}

async function reservePinned(port: number, host: string): Promise<Reservation> {
  const error = await whyNotFree(port, host);
  if (error?.code === 'EADDRINUSE') throw new Error(`Port ${port} is not free: ${portHolder(port)} holds it.`);
  if (error !== undefined) throw new Error(`Port ${port} cannot be used: ${error.message}.`);
  const reservation = await reserve(port);
  if (reservation === undefined)
    throw new Error(`Port ${port} is not free: another start of Slipstream has chosen it.`);
  return reservation;
}

/**
 * A UDP socket of the same number stands for the port: it is in the way of nobody who listens there by TCP, only one process can
 * have it, and the system closes it with the process, however that ends.
 */
function reserve(port: number): Promise<Reservation | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref();
      resolve({ port, close: () => socket.close() });
    });
  });
}

function readRemembered(file: string): Record<string, number | undefined> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
