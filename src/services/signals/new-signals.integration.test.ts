import { type Connection, createConnection } from 'mariadb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import { newId } from '@/platform/ids';
import { Stage, until } from '@/testing/copying/stage';
import { type NewSignal, NewSignals } from './new-signals';

const [BTC, ETH] = ['okx:BTC-USDT-SWAP', 'okx:ETH-USDT-SWAP'];

describe('signals that come at the same time', () => {
  let stage: Stage;
  let newSignals: NewSignals;
  let rival: Connection;
  beforeEach(async () => {
    stage = await Stage.open();
    newSignals = new NewSignals(stage.database);
    const { connection: address } = parseDatabaseUrl(stage.databaseUrl);
    rival = await createConnection(address);
  });
  afterEach(async () => {
    await rival.end();
    await stage.close();
  });

  function signal(instrumentId: string, idempotencyKey: string): NewSignal {
    const { tenantId, sourceId } = stage;
    const now = Date.now();
    const intent = { sentAt: now } as NewSignal['intent'];
    const times = { expiresAt: now + 60_000, receivedAt: now, heard: true };
    return {
      id: newId(),
      tenantId,
      sourceId,
      instrumentId,
      idempotencyKey,
      format: 'native',
      intent,
      rawBody: '',
      ...times,
    };
  }
  const insertAll = (signals: readonly NewSignal[]) => Promise.all(signals.map((one) => newSignals.insert(one)));

  it('are numbered in the order of their coming, repeats among them apart', async () => {
    await insertAll([signal(BTC, 'first'), signal(ETH, 'other lane')]);
    const keys = ['a', 'b', 'first', 'c', 'b', 'd'];
    expect(await insertAll(keys.map((key) => signal(BTC, key)))).toEqual([
      'written',
      'written',
      'repeat',
      'written',
      'repeat',
      'written',
    ]);
    const rows = await stage.db.signal.findMany({ where: { instrumentId: BTC }, orderBy: { sequence: 'asc' } });
    expect(rows.map((row) => row.idempotencyKey)).toEqual(['first', 'a', 'b', 'c', 'd']);
    expect((await stage.db.signalSource.findFirst({ where: {} }))?.lastSignalAt).not.toBeNull();
  });

  it('do not wait for one whose lane is held', async () => {
    await insertAll([signal(BTC, '1'), signal(ETH, '2')]);
    await rival.beginTransaction();
    await rival.query('SELECT sourceId FROM SignalLane WHERE sourceId = ? AND instrumentId = ? FOR UPDATE', [
      stage.sourceId,
      BTC,
    ]);
    let held = true;
    const waiting = newSignals.insert(signal(BTC, '3')).then((outcome) => {
      expect(held).toBe(false);
      return outcome;
    });
    expect(await insertAll([signal(ETH, '4'), signal(ETH, '5')])).toEqual(['written', 'written']);
    expect(await newSignals.insert(signal(ETH, '6'))).toBe('written');
    held = false;
    await rival.rollback();
    expect(await waiting).toBe('written');
    await until(async () => (await stage.db.signal.count({ where: {} })) === 6, 'all are there');
  });
});
