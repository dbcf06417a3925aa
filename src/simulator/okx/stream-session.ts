import type { WebSocket } from 'ws';
import type { Account } from '../engine/model';
import type { FaultPlane, PushFault } from '../faults/faults';

export const STREAM_PATHS = ['/ws/v5/public', '/ws/v5/private', '/ws/v5/business'] as const;
export type StreamPath = (typeof STREAM_PATHS)[number];

export interface Subscription {
  readonly channel: string;
  /** The client's argument, as it asked for it. */
  readonly arg: Readonly<Record<string, string>>;
  readonly argText: string;
}

/** One WebSocket connection: who is logged in, what it listens to, and how messages reach it, faults included. */
export class StreamSession {
  readonly accounts = new Map<string, Account>();
  readonly subscriptions = new Map<string, Subscription>();
  lastActivity = Date.now();
  private held: string | undefined;
  private heldTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly socket: WebSocket,
    readonly path: StreamPath,
    readonly connId: string,
    readonly remoteIp: string,
    private readonly faults: FaultPlane,
  ) {}

  /** Sends at once, whatever the faults: answers to the client's own requests. */
  send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.lastActivity = Date.now();
    this.socket.send(text);
  }

  answer(message: Record<string, unknown>): void {
    this.send(JSON.stringify({ ...message, connId: this.connId }));
  }

  /** Sends a push through the fault plane. */
  push(text: string, channel: string, instId: string | undefined, account: string | undefined): void {
    const hits = this.faults.push({ method: 'WS', path: this.path, channel, instId, account });
    if (hits.length === 0) {
      this.deliver(text);
      return;
    }
    this.suffer(text, hits);
  }

  private suffer(text: string, hits: readonly PushFault[]): void {
    let copies = 1;
    let delay = 0;
    let hold = 0;
    for (const fault of hits) {
      if (fault.kind === 'stream-cut') {
        this.socket.terminate();
        return;
      }
      if (fault.kind === 'push-drop') return;
      if (fault.kind === 'push-duplicate') copies += fault.copies;
      if (fault.kind === 'push-delay') delay += fault.ms;
      if (fault.kind === 'push-reorder') hold = Math.max(hold, fault.ms);
    }
    if (hold > 0 && this.held === undefined) {
      this.held = text;
      this.heldTimer = setTimeout(() => this.release(), hold);
      this.heldTimer.unref();
      return;
    }
    const leave = (): void => {
      for (let copy = 0; copy < copies; copy++) this.deliver(text);
    };
    if (delay > 0) setTimeout(leave, delay).unref();
    else leave();
  }

  private deliver(text: string): void {
    this.send(text);
    this.release();
  }

  /** What was held back to be overtaken goes out now. */
  private release(): void {
    const { held } = this;
    if (held === undefined) return;
    clearTimeout(this.heldTimer);
    this.held = undefined;
    this.send(held);
  }
}
