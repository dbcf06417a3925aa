import { type Connection, createConnection } from 'mariadb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '@/platform/database/database-url';
import type { EffectPlane } from '@/platform/effects';
import { Stage, until } from '@/testing/copying/stage';

const OPEN = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } };

/** MariaDB rolls that transaction back which has changed less. */
const WEIGHT = 500;

describe('a write conflict', () => {
  let stage: Stage;
  let rival: Connection;
  let observer: Connection;

  beforeEach(async () => {
    stage = await Stage.open();
    await stage.addFollowers([{ followRatio: '0.1' }]);
    const { connection: address } = parseDatabaseUrl(stage.databaseUrl);
    [rival, observer] = [await createConnection(address), await createConnection(address)];
    await rival.query('CREATE TABLE Ballast (id INT PRIMARY KEY)');
  });
  afterEach(async () => {
    await rival.end();
    await observer.end();
    await stage.close();
  });

  /**
   * A rival transaction that holds what the worker's statement needs next, and waits for the signal's row, which the
   * worker's transaction has changed: the database ends the worker's.
   */
  function deadlockAt(statement: string, held: () => Promise<void>): EffectPlane & { readonly times: () => number } {
    let times = 0;
    return {
      times: () => times,
      async perform(effect, act) {
        if (!effect.name.startsWith(statement) || effect.insideTransaction !== true) return act();
        times += 1;
        if (times > 1) return act();
        await rival.beginTransaction();
        await rival.query(
          `INSERT INTO Ballast WITH RECURSIVE n AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM n WHERE seq < ${WEIGHT}) SELECT seq FROM n`,
        );
        await held();
        const blocked = rival.query('SELECT id FROM `Signal` FOR UPDATE').then(() => rival.rollback());
        // The server renews what it shows of its transactions only when nobody has looked for a tenth of a second.
        await until(
          async () => {
            const rows = await observer.query(
              "SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
            );
            return (rows as { id: bigint }[]).some(({ id }) => Number(id) === rival.threadId);
          },
          'the rival waits',
          10_000,
          150,
        );
        try {
          return await act();
        } finally {
          await blocked;
        }
      },
      onDeath: () => () => undefined,
    };
  }

  it('while the plan is written does not hold the signal up', async () => {
    const effects = deadlockAt('UPDATE SignalLane', () => rival.query('SELECT sourceId FROM SignalLane FOR UPDATE'));
    const worker = await stage.worker({ streams: false, effects });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    expect(effects.times()).toBe(2);
    expect((await stage.signal(signalId)).status).toBe('done');
    expect(await stage.venueOrders()).toHaveLength(1);
  });

  it('while the signal is finished does not hold it up', async () => {
    const debt = [stage.tenantId, stage.followers[0]?.subscriptionId, 'okx:BTC-USDT-SWAP', 'long', 0, new Date()];
    const effects = deadlockAt('INSERT INTO RoundingDebt', () =>
      rival.query(
        'INSERT INTO RoundingDebt (tenantId, subscriptionId, instrumentId, side, quantity, updatedAt) VALUES (?, ?, ?, ?, ?, ?)',
        debt,
      ),
    );
    const worker = await stage.worker({ streams: false, effects });
    const signalId = await stage.send(OPEN);
    await worker.copy(signalId);
    expect(effects.times()).toBe(2);
    expect((await stage.signal(signalId)).status).toBe('done');
  });
});
