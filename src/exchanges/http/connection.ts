import type { Socket } from 'node:net';
import { AnswerError, AnswerReader, type HttpAnswer } from './answer-reader';
import type { SocketOpener } from './socket-opener';

/** What becomes of a request that was written. One of them is called, once. */
export type AnswerListener = {
  readonly onAnswer: (answer: HttpAnswer) => void;
  /** The connection was lost, or what came is no answer. */
  readonly onLost: (code: string, message: string) => void;
};

export type ConnectionOptions = {
  readonly sockets: SocketOpener;
  /** Bytes of an answer at most. */
  readonly largestAnswer: number;
  /** An idle connection is not used any more after this, ms; sooner where the server says so. */
  readonly idleMs: number;
};

/** Why a connection does not stand. */
export type Failure = { readonly code: string; readonly message: string };

/** A server that closes idle connections may do so this much earlier than it said, ms. */
const SERVER_MARGIN = 1000;

/** One keep-alive connection, which carries one request at a time and opens itself again when it is needed. */
export class Connection {
  readonly #options: ConnectionOptions;
  #socket: Socket | null = null;
  #reader: AnswerReader | null = null;
  #listener: AnswerListener | null = null;
  /** The moment until which it may be used again, by the process's clock. */
  #usableUntil = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Whether a request can be written to it. */
  get isOpen(): boolean {
    return this.usableForMs > 0;
  }

  /** For how long a request can be written to it, if none is: 0 where it does not stand, or has been idle for too long. */
  get usableForMs(): number {
    const socket = this.#socket;
    if (socket === null || !socket.writable || socket.destroyed) return 0;
    return Math.max(0, this.#usableUntil - performance.now());
  }

  /** Opens it anew. Answers why it does not stand; null when it does. Never rejects. */
  async open(): Promise<Failure | null> {
    this.close();
    const { idleMs, sockets } = this.#options;
    let opened: Socket | null = null;
    let spoke = false;
    try {
      opened = await sockets.open((bytes) => {
        if (opened === null) spoke = true;
        else if (this.#socket === opened) this.#take(bytes);
      });
    } catch (error) {
      return { code: codeOf(error as Error), message: (error as Error).message };
    }
    if (spoke) {
      opened.destroy();
      return { code: 'MALFORMED_ANSWER', message: 'The server speaks before it is asked' };
    }
    this.#use(opened);
    this.#usableUntil = performance.now() + idleMs;
    return null;
  }

  /**
   * Writes a request, of which the listener hears what became. To be called on an open connection with no request on it.
   * @param request the whole of it: Latin-1 text, or bytes
   */
  send(request: string | Buffer, listener: AnswerListener): void {
    if (this.#socket === null || this.#listener !== null) throw new Error('The connection cannot take a request');
    this.#listener = listener;
    this.#reader = new AnswerReader(this.#options.largestAnswer);
    if (typeof request === 'string') this.#socket.write(request, 'latin1');
    else this.#socket.write(request);
  }

  /** Breaks it off. Who waits for an answer hears nothing any more. */
  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#listener = null;
    this.#reader = null;
    socket?.destroy();
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    socket.on('end', () => {
      if (this.#socket === socket) this.#ended();
    });
    socket.on('error', (error) => {
      if (this.#socket === socket) this.#lose(codeOf(error), error.message);
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#lose('CONNECTION_LOST', 'The connection was closed before an answer');
    });
  }

  #take(bytes: Buffer): void {
    const reader = this.#reader;
    // Nobody asked: whatever it answers, the next answer would not be the next request's.
    if (reader === null) {
      this.close();
      return;
    }
    let answer: HttpAnswer | null;
    try {
      answer = reader.push(bytes);
    } catch (error) {
      const code = error instanceof AnswerError ? error.code : 'TRANSPORT';
      this.#lose(code, (error as Error).message);
      return;
    }
    if (answer !== null) this.#answered(answer);
  }

  #ended(): void {
    const answer = this.#reader?.end() ?? null;
    if (answer === null) this.#lose('CONNECTION_LOST', 'The connection was closed before an answer');
    else this.#answered(answer);
  }

  #answered(answer: HttpAnswer): void {
    const listener = this.#listener;
    this.#listener = null;
    this.#reader = null;
    const kept = answer.keptForMs === null ? this.#options.idleMs : answer.keptForMs - SERVER_MARGIN;
    if (kept > 0) this.#usableUntil = performance.now() + Math.min(kept, this.#options.idleMs);
    else this.close();
    listener?.onAnswer(answer);
  }

  #lose(code: string, message: string): void {
    const listener = this.#listener;
    this.close();
    listener?.onLost(code, message);
  }
}

function codeOf(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'TRANSPORT';
}
