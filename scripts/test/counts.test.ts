import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCounts } from './counts';

const folder = mkdtempSync(join(tmpdir(), 'counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function counts(report: object) {
  const file = join(folder, 'report.json');
  writeFileSync(
    file,
    JSON.stringify({
      numPassedTests: 0,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [],
      ...report,
    }),
  );
  return readCounts(file);
}

describe('readCounts', () => {
  it('counts tests', () => {
    expect(counts({ numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, success: false })).toEqual({
      passed: 5,
      failed: 2,
      skipped: 1,
    });
  });

  it('counts a file that breaks before its first test', () => {
    expect(counts({ success: false, testResults: [{ status: 'failed', assertionResults: [] }] }).failed).toBe(1);
  });

  it('counts an error outside of every test', () => {
    expect(counts({ numPassedTests: 5, success: false })).toMatchObject({ passed: 5, failed: 1 });
  });

  it('counts an absent report as a failure', () => {
    expect(readCounts(join(folder, 'absent.json')).failed).toBe(1);
  });
});
