import { expect, it } from 'vitest';
import { newId } from '@/platform/ids';
import { Stage } from '@/testing/copying/stage';

it('the trade book does not wait for trades of another signal that are becoming rows', async () => {
  const stage = await Stage.open();
  const { deps } = await stage.worker({ streams: false });
  let release = (): void => undefined;
  const id = newId();
  deps.book.hold(
    [id],
    new Promise((resolve) => {
      release = resolve;
    }),
  );
  deps.book.report(stage.tenantId, { kind: 'expired', tradeId: id, code: 'STALE_SIGNAL', at: Date.now() });
  await expect(deps.book.drain()).resolves.toBeUndefined();
  release();
  await stage.close();
});
