import { describe, expect, it } from 'vitest';
import { Stage } from '../copying/stage';
import { explore, POSITION_MODES, type PointResult, pointsOf, surveyEffects } from './explore';

describe('execution', () => {
  it('loses, doubles and missizes nothing, wherever it crashes or answers get lost', async () => {
    const results: PointResult[] = [];
    const host = await Stage.open();
    try {
      for (const mode of POSITION_MODES) {
        const effects = await surveyEffects(host, mode);
        expect(effects.length).toBeGreaterThan(50);
        await explore(host, pointsOf(mode, effects, 41), (result) => results.push(result));
      }
    } finally {
      await host.close();
    }
    expect(results.length).toBeGreaterThan(20);
    const wrong = results.filter(({ result }) => result.findings.length > 0);
    expect(wrong.map(({ point, result }) => ({ ...point, findings: result.findings }))).toEqual([]);
  }, 300_000);
});
