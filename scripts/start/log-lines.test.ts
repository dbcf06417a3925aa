import { describe, expect, it } from 'vitest';
import { readableLine } from './log-lines';

describe('readableLine', () => {
  it('shows the level, the text and the fields of a JSON line', () => {
    const line = JSON.stringify({ level: 30, time: 0, pid: 1, hostname: 'h', msg: 'signal planned', orders: 100 });
    expect(readableLine(line)).toMatch(/^\d\d:\d\d:\d\d INFO {2}signal planned orders=100$/);
  });

  it('shows the stack of an error', () => {
    const err = { type: 'TypeError', message: 'no', stack: 'TypeError: no\n    at x' };
    expect(readableLine(JSON.stringify({ level: 50, msg: 'failed', err }))).toContain(
      'failed \nTypeError: no\n    at x',
    );
  });

  it('leaves other lines as they are', () => {
    expect(readableLine('▲ Next.js')).toBe('▲ Next.js');
    expect(readableLine('{not json')).toBe('{not json');
    expect(readableLine('{"a":1}')).toBe('{"a":1}');
  });
});
