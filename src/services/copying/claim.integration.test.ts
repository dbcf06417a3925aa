import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';
import { findUnclaimed } from './claim';

describe('signals that nobody works on', () => {
  let stage: Stage;
  let other: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
    other = await stage.beside();
  });
  afterAll(async () => {
    await other.close();
    await stage.close();
  });

  /** The first of a lane of its own. */
  async function waiting(tenantId: string): Promise<string> {
    const id = newId();
    const at = new Date(Date.now() - 60_000);
    await stage.database.system.signal.create({
      data: {
        id,
        tenantId,
        sourceId: newId(),
        instrumentId: 'okx:BTC-USDT-SWAP',
        idempotencyKey: id,
        format: 'native',
        intent: {},
        rawBody: '',
        sentAt: at,
        expiresAt: at,
        receivedAt: at,
      },
    });
    return id;
  }

  it('are found by turns of their tenants, however many of one of them there are', async () => {
    const many: string[] = [];
    for (let index = 0; index < 20; index += 1) many.push(await waiting(stage.tenantId));
    const few = [await waiting(other.tenantId), await waiting(other.tenantId)];
    const found = await findUnclaimed(stage.database.system, 0, 5);
    expect(found.map(({ id }) => id)).toEqual([many[0], few[0], many[1], few[1], many[2]]);
    expect(found[1]?.tenantId).toBe(other.tenantId);
    expect(await findUnclaimed(stage.database.system, 0, 500)).toHaveLength(22);
  });
});
