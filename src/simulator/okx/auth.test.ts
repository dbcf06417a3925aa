import { describe, expect, it } from 'vitest';
import { sign } from './auth';

const SECRET = '22582BD0CFF14C41EDBF1AB98506286D';

/** Signatures computed apart from this code, with openssl, over requests of OKX's documentation. */
const VECTORS = [
  [
    '2020-12-08T09:08:57.715Z',
    'GET',
    '/api/v5/account/balance?ccy=BTC',
    '',
    'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=',
  ],
  [
    '2020-12-08T09:08:57.715Z',
    'POST',
    '/api/v5/account/set-leverage',
    '{"instId":"BTC-USDT","lever":"5","mgnMode":"isolated"}',
    'eCnnCgWLjlQ9XnpUkrcny3qNq3WW/81KNrDr/XR6Xv8=',
  ],
  ['1704876947', 'GET', '/users/self/verify', '', '5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU='],
] as const;

describe('the signature', () => {
  it.each(VECTORS)('of %s %s %s is the documented one', (timestamp, method, path, body, expected) => {
    expect(sign(SECRET, timestamp, method, path, body)).toBe(expected);
  });
});
