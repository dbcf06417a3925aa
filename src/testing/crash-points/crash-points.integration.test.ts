import { describe, expect, it } from 'vitest';
import { Stage } from '../copying/stage';
import { explore, type PointResult, pointsOf, surveyEffects } from './explore';
import { FAULT_KINDS } from './fault-plane';
import { SCENES } from './scenario';

/** About so many; all of them take minutes (npm run crash-points). */
const RUNS_A_SCENE = { net: 25, long_short: 25, crossed: 10 } as const;

describe('execution', () => {
  it('loses, doubles and missizes nothing, wherever it crashes or answers get lost', async () => {
    const results: PointResult[] = [];
    const host = await Stage.open();
    try {
      for (const scene of SCENES) {
        const effects = await surveyEffects(host, scene);
        expect(effects.length).toBeGreaterThan(50);
        const every = Math.ceil((effects.length * FAULT_KINDS.length) / RUNS_A_SCENE[scene]);
        await explore(host, pointsOf(scene, effects, every), (result) => results.push(result));
      }
    } finally {
      await host.close();
    }
    expect(results.length).toBeGreaterThan(20);
    const wrong = results.filter(({ result }) => result.findings.length > 0);
    expect(wrong.map(({ point, result }) => ({ ...point, findings: result.findings }))).toEqual([]);
  }, 600_000);
});
