import { afterEach, describe, expect, it, vi } from 'vitest';
import { VenueClock } from '../engine/clock';
import { FaultPlane, faultSchema } from './faults';

function plane(seed = 1): FaultPlane {
  return new FaultPlane(seed, new VenueClock());
}

const subject = { method: 'POST', path: '/api/v5/trade/order', account: '1', instId: 'BTC-USDT-SWAP' };

afterEach(() => {
  vi.useRealTimers();
});

describe('the fault plane', () => {
  it('hits what a rule names and nothing else', () => {
    const faults = plane();
    faults.add(faultSchema.parse({ kind: 'drop', match: { path: '/api/v5/trade/*', account: '1' } }));
    expect(faults.request(subject)).toHaveLength(1);
    expect(faults.request({ ...subject, account: '2' })).toHaveLength(0);
    expect(faults.request({ ...subject, path: '/api/v5/account/balance' })).toHaveLength(0);
    expect(faults.push({ ...subject, channel: 'orders' })).toHaveLength(0);
  });

  it('skips, then fires as often as it may', () => {
    const faults = plane();
    faults.add(faultSchema.parse({ kind: 'empty', skip: 2, count: 1 }));
    const hits = Array.from({ length: 6 }, () => faults.request(subject).length);
    expect(hits).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it('gives the same storm for the same seed', () => {
    const storm = (seed: number): number[] => {
      const faults = plane(seed);
      faults.add(faultSchema.parse({ kind: 'refuse', code: '50011', probability: 0.3 }));
      return Array.from({ length: 200 }, () => faults.request(subject).length);
    };
    expect(storm(5)).toEqual(storm(5));
    expect(storm(5)).not.toEqual(storm(6));
    const fired = storm(5).reduce((sum, hit) => sum + hit, 0);
    expect(fired).toBeGreaterThan(35);
    expect(fired).toBeLessThan(85);
  });

  it('ends rules when their time is over, and the clock is right again', () => {
    vi.useFakeTimers();
    const clock = new VenueClock();
    const faults = new FaultPlane(1, clock);
    faults.add(faultSchema.parse({ kind: 'clock-skew', ms: 45_000, durationMs: 1000 }));
    expect(clock.offset()).toBe(45_000);
    vi.advanceTimersByTime(1001);
    expect(clock.offset()).toBe(0);
    expect(faults.list()).toHaveLength(0);
  });

  it('replaces a rule of the same id and refuses rules it does not understand', () => {
    const faults = plane();
    faults.add(faultSchema.parse({ id: 'a', kind: 'drop' }));
    faults.add(faultSchema.parse({ id: 'a', kind: 'empty' }));
    expect(faults.list().map((rule) => rule.fault.kind)).toEqual(['empty']);
    expect(faultSchema.safeParse({ kind: 'earthquake' }).success).toBe(false);
    expect(faultSchema.safeParse({ kind: 'latency' }).success).toBe(false);
    expect(faultSchema.safeParse({ kind: 'drop', probability: 2 }).success).toBe(false);
  });
});
