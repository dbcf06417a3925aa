import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Effect, EffectPlane } from '@/platform/effects';
import { Stage, until } from '@/testing/copying/stage';
import { EXECUTION_TIMINGS } from '../execution/timings';

/** Looks at unsettled trades, after which an order that nothing was heard of has been asked for. */
const LOOKS = 5;

/** Lets no fill be written until trades were looked at again and again. */
class SlowWriting implements EffectPlane {
  readonly questions: string[] = [];
  #looks = 0;
  #isHolding = false;

  async perform<T>({ kind, name }: Effect, act: () => Promise<T>): Promise<T> {
    if (kind === 'venue') this.questions.push(name);
    if (this.#isHolding && name.startsWith('SELECT CONCAT_WS')) this.#looks += 1;
    if (name.startsWith('INSERT IGNORE INTO `Fill`')) {
      this.#isHolding = true;
      await until(() => this.#looks >= LOOKS, 'trades are looked at');
    }
    return act();
  }

  onDeath = () => () => undefined;
}

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.addFollowers([{}, {}]);
});
afterAll(() => stage.close());

it('does not ask the venue for what it has told, while that is still to be written', async () => {
  const effects = new SlowWriting();
  const timings = { ...EXECUTION_TIMINGS, queryAfter: 20, longestLook: 50 };
  const worker = await stage.worker({ timings, effects });
  const id = await stage.send({ action: 'open', side: 'long', quantity: { unit: 'base', value: '1' } });
  await worker.copy(id);
  expect((await stage.trades(id)).map(({ status }) => status)).toEqual(['filled', 'filled']);
  expect(effects.questions.filter((name) => name !== 'place' && name !== 'set leverage')).toEqual([]);
});
