const PLACE = Symbol.for('slipstream.failed-connects');
type Holder = { [PLACE]?: true };

/**
 * The MariaDB driver (3.4, 3.5) tells a failed connection set-up twice: to who asked for the connection, and in a promise
 * that nobody holds, for which Node would end the process. The second one is dropped here; every other rejection that
 * nobody handles still ends it.
 */
export function outliveFailedConnects(): void {
  const holder = globalThis as Holder;
  if (holder[PLACE]) return;
  holder[PLACE] = true;
  process.on('unhandledRejection', (reason) => {
    if (isFailedConnect(reason)) return;
    throw reason;
  });
}

/** The driver's word for an error that has cost the connection. */
export function isFailedConnect(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'SqlError' && (reason as { fatal?: unknown }).fatal === true;
}
