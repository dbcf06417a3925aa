import { describe, expect, it } from 'vitest';
import { isSerializationFailure } from './retry';
import { StatementError } from './run-statement';

describe('a transaction that the database ended in favour of another one', () => {
  it.each([
    ['a deadlock, in any language', new StatementError('Blockierung gefunden', 1213, false), true],
    ['a lock that was waited for too long', new StatementError('Délai dépassé', 1205, false), true],
    ["Prisma's word for it", Object.assign(new Error('Transaction failed'), { code: 'P2034' }), true],
    ["its adapter's", new Error('no', { cause: { kind: 'TransactionWriteConflict' } }), true],
    ['another failure', new StatementError('Duplicate entry', 1062, false), false],
    ['no error at all', 'Deadlock found', false],
  ])('%s', (_what, error, expected) => {
    expect(isSerializationFailure(error)).toBe(expected);
  });
});
