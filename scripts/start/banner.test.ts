import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlLine } from './banner';

/** Runs the line in a shell where curl only repeats its last argument, the body. */
function bodySent(example: string): string {
  const line = curlLine({ url: 'http://127.0.0.1:3000/api/webhooks/x', example });
  return execFileSync('/bin/sh', ['-c', `curl() { for last; do :; done; printf '%s' "$last"; }\n${line}`], {
    encoding: 'utf8',
  });
}

describe('curlLine', () => {
  it('fills in the id and an ISO time when the example has it in quotes', () => {
    const body = JSON.parse(bodySent(`{"id":"{{id}}",\n "timestamp":"{{timestamp}}","note":"it's $HOME"}`));
    expect(body.id).toMatch(/^first-\d+/);
    expect(Math.abs(Date.parse(body.timestamp) - Date.now())).toBeLessThan(5_000);
    expect(body.note).toBe("it's $HOME");
  });

  it('fills in milliseconds where the example wants a number', () => {
    const body = JSON.parse(bodySent('{"timestamp":{{timestamp}}}'));
    expect(Math.abs(body.timestamp - Date.now())).toBeLessThan(5_000);
  });

  it('keeps the lines of a text', () => {
    expect(bodySent('BUY BTC\nid={{id}}')).toMatch(/^BUY BTC\nid=first-/);
  });
});
