import type { Socket, TcpNetConnectOpts } from 'node:net';
import { buildConnector } from 'undici';

/** Bytes that are read at once. */
const READ_SIZE = 64 * 1024;

/**
 * Opens sockets to one origin by undici's connector. What they read is put into one buffer that they share, and given out at once:
 * a buffer for each read and a stream's queue before it cost more than understanding the answer.
 */
export class SocketOpener {
  readonly #origin: URL;
  readonly #timeoutMs: number;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  /** What resumes the last TLS session with a shorter handshake. */
  #session: Buffer | undefined;

  /** @param timeoutMs for a connection to stand */
  constructor(origin: URL, timeoutMs: number) {
    this.#origin = origin;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Rejects where no connection is made.
   * @param onBytes hears what is read, in a buffer that is written anew as soon as it returns
   */
  open(onBytes: (bytes: Buffer) => void): Promise<Socket> {
    const { host, port, protocol } = this.#origin;
    // Without the brackets in which a URL has an IPv6 address.
    const hostname = this.#origin.hostname.replace(/^\[(.*)\]$/, '$1');
    const onread = {
      buffer: this.#buffer,
      callback: (count: number, buffer: Uint8Array): boolean => {
        onBytes((buffer as Buffer).subarray(0, count));
        return true;
      },
    };
    // Sessions are kept here, as each socket has a connector of its own.
    const options = { allowH2: false, timeout: this.#timeoutMs, maxCachedSessions: 0, session: this.#session, onread };
    const connect = buildConnector(options as Partial<TcpNetConnectOpts> as buildConnector.BuildOptions);
    return new Promise((resolve, reject) => {
      connect({ host, hostname, port, protocol }, (error, socket) => {
        if (error !== null) {
          // Perhaps it was the session that the server could not resume.
          this.#session = undefined;
          reject(error);
          return;
        }
        socket.on('session', (session: Buffer) => {
          this.#session = session;
        });
        resolve(socket);
      });
    });
  }
}
