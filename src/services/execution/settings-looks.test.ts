import { describe, expect, it } from 'vitest';
import { SettingsLooks } from './settings-looks';

/** Looks that are answered when the test says so, on a clock that waiting moves. */
function stage() {
  let now = 0;
  const asked: ((told: boolean) => void)[] = [];
  const looks = new SettingsLooks(
    () => new Promise((resolve) => void asked.push(resolve)),
    () => now,
  );
  const wait = async (ms: number): Promise<void> => {
    now += ms;
  };
  return { asked, since: (moment: number) => looks.since('account', moment, wait), at: (ms: number) => (now = ms) };
}

describe('a look at the settings of an account', () => {
  it('is one for all orders that were refused before it', async () => {
    const { asked, since, at } = stage();
    at(100);
    const waiting = [since(40), since(60), since(100)];
    expect(asked).toHaveLength(1);
    asked[0]?.(true);
    expect(await Promise.all(waiting)).toEqual([true, true, true]);
    at(150);
    expect(await since(90)).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('is made again for what was refused after it, and not sooner than two seconds later', async () => {
    const { asked, since, at } = stage();
    at(100);
    const first = since(50);
    asked[0]?.(true);
    await first;
    at(300);
    const later = [since(200), since(250)];
    await new Promise(setImmediate);
    expect(asked).toHaveLength(2);
    asked[1]?.(false);
    expect(await Promise.all(later)).toEqual([false, false]);
    // Made at 2100.
    expect(await since(2100)).toBe(false);
  });

  it('says that the venue does not tell where it fails', async () => {
    const looks = new SettingsLooks(() => Promise.reject(new Error('away')));
    expect(await looks.since('account', 0, async () => undefined)).toBe(false);
  });
});
