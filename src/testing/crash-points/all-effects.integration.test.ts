import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '@/platform/database/database';
import { openAccounts } from '@/services/execution/accounts';
import { Stage, type StageWorker } from '../copying/stage';
import { FaultPlane } from './fault-plane';
import { relayStatements, type StatementRelay } from './statement-relay';

/** What the driver says to set a connection up, before anybody asks for anything, and what undoes without leaving a trace. */
const NO_EFFECT = /^(SET |SELECT @@|SELECT VERSION\(\)|ROLLBACK$)/i;
/** Prices, instruments and the clock, the same for everybody: asking twice or in vain changes nothing. */
const PUBLIC = /^\/api\/v5\/(public|market)\//;

/** What a statement does to what: its first words, which come before any value. */
const beginning = (statement: string): string =>
  statement.slice(0, 160).trim().split(/\s+/, 3).join(' ').replace(/\(.*/, '').slice(0, 60);
const sorted = (texts: readonly string[]): readonly string[] => [...texts].sort();

/**
 * Crash points can only be told of effects that pass the plane. Here the world outside is listened to – MySQL, the venue,
 * and every connection that this process opens – and must not hear of anything else.
 */
describe('what a worker does outside of itself', () => {
  let stage: Stage;
  let relay: StatementRelay;
  let plane: FaultPlane;
  let worker: StageWorker;
  const requests: string[] = [];
  const ports = new Set<number>();
  const hearRequest = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    requests.push(`${request.method} ${request.url?.split('?')[0]}`);
  };
  const hearSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => ports.add(socket.remotePort ?? 0));
  };

  beforeAll(async () => {
    stage = await Stage.open();
    relay = await relayStatements(stage.databaseUrl);
    plane = new FaultPlane(null, 'lost');
    await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.25', positionMode: 'long_short' }]);
    worker = await stage.worker({ streams: false, effects: plane, readsInstruments: true, databaseUrl: relay.url });
    channel('http.server.request.start').subscribe(hearRequest);
    channel('net.client.socket').subscribe(hearSocket);
  });

  afterAll(async () => {
    channel('http.server.request.start').unsubscribe(hearRequest);
    channel('net.client.socket').unsubscribe(hearSocket);
    await stage?.close();
    await relay?.close();
  });

  async function copyStory(): Promise<void> {
    const story = [
      { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } },
      { action: 'open', side: 'long', orderType: 'limit', limitPrice: '1000', quantity: { unit: 'base', value: '1' } },
      { action: 'close', side: 'long', quantity: { unit: 'percent_position', value: '50' } },
      { action: 'open', side: 'short', quantity: { unit: 'base', value: '0.6' } },
    ];
    for (const fields of story) {
      const signalId = await stage.send(fields);
      await worker.copy(signalId);
      expect((await stage.signal(signalId)).status).toBe('done');
    }
    await worker.deps.book.drain();
  }

  const seen = (kind: string): readonly string[] =>
    plane.seen
      .filter((name) => name.startsWith(`${kind} `))
      .map((name) => name.replace(/^\S+ /, '').replace(/ #\d+$/, ''));
  const heard = (): readonly string[] => relay.statements.filter((text) => !NO_EFFECT.test(text)).map(beginning);

  const privateRequests = (): readonly string[] =>
    requests.filter((request) => request.includes(' /api/v5/') && !PUBLIC.test(request.split(' ')[1] ?? ''));
  const portOf = (url: string): number => Number(new URL(url).port);

  it('passes the plane: every statement, and every request in the name of an account', async () => {
    await copyStory();
    expect(heard().length).toBeGreaterThan(100);
    expect(sorted(heard())).toEqual(sorted(seen('sql').map(beginning)));
    expect(privateRequests().length).toBeGreaterThan(10);
    expect(seen('venue')).toHaveLength(privateRequests().length);
  }, 60_000);

  it('goes to MySQL and to the venue, and nowhere else', () => {
    const { rest, ws, control } = stage.simulator;
    const known = new Set([relay.url, stage.databaseUrl, rest, ws, control].map(portOf));
    expect(ports.has(portOf(relay.url))).toBe(true);
    expect([...ports].filter((port) => !known.has(port))).toEqual([]);
  });

  it('would be noticed if it went around the plane', async () => {
    const around = connectDatabase(relay.url, 1);
    await around.system.tenant.count();
    await around.close();
    expect(heard()).toHaveLength(seen('sql').length + 1);
    const ids = stage.followers.map((follower) => follower.accountId);
    const [account] = [...(await openAccounts(stage.db, stage.cipher, stage.tenantId, ids)).values()];
    if (account === undefined) throw new Error('The account does not open');
    await stage.venues.get('okx').account(account.access).getBalance();
    expect(privateRequests()).toHaveLength(seen('venue').length + 1);
  });
});
