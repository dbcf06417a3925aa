import { describe, expect, it } from 'vitest';
import { Prisma } from '@/platform/database/database';
import { expectedFailure, isDatabaseAway } from './failure';

function prismaError(message: string, code: string): Error {
  return new Prisma.PrismaClientKnownRequestError(message, { code, clientVersion: '0' });
}

/** As the MariaDB driver marks what ends a connection, whoever threw it. */
function driverError(message: string): Error {
  return Object.assign(new Error(message), { errno: -104, code: 'ECONNRESET', fatal: true, sqlState: 'HY000' });
}

describe('isDatabaseAway', () => {
  it.each([
    [
      'a socket that broke in the middle of a statement',
      prismaError('Invalid `prisma.x()` invocation: write EPIPE', 'EPIPE'),
    ],
    ['a raw statement on a broken socket', prismaError('Raw query failed. Message: `write EPIPE`', 'P2010')],
    ['a socket that broke before a transaction began, told by the driver itself', driverError('read ECONNRESET')],
    ['no connection to be had', prismaError('pool timeout: failed to retrieve a connection', 'P2024')],
    ['a transaction that found no connection', prismaError('Unable to start a transaction in the given time', 'P2028')],
  ])('recognises %s, which the caller may try again', (_name, error) => {
    expect(isDatabaseAway(error)).toBe(true);
    expect(expectedFailure(error)?.status).toBe(503);
  });

  it('does not take a defect of ours for it', () => {
    expect(isDatabaseAway(prismaError('Unique constraint failed', 'P2002'))).toBe(false);
    expect(expectedFailure(new Error('write EPIPE'))).toBeNull();
    expect(expectedFailure(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBeNull();
  });
});
