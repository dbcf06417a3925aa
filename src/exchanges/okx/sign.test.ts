import { describe, expect, it } from 'vitest';
import { isoTimestamp, sign } from './sign';

const SECRET = '22582BD0CFF14C41EDBF1AB98506286D';

// The requests of OKX's own documentation, with its example secret.
const VECTORS = [
  {
    timestamp: '2020-12-08T09:08:57.715Z',
    method: 'GET',
    path: '/api/v5/account/balance?ccy=BTC',
    body: '',
    signature: 'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=',
  },
  {
    timestamp: '2020-12-08T09:08:57.715Z',
    method: 'POST',
    path: '/api/v5/account/set-leverage',
    body: '{"instId":"BTC-USDT","lever":"5","mgnMode":"isolated"}',
    signature: 'eCnnCgWLjlQ9XnpUkrcny3qNq3WW/81KNrDr/XR6Xv8=',
  },
  {
    timestamp: '1704876947',
    method: 'GET',
    path: '/users/self/verify',
    body: '',
    signature: '5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=',
  },
] as const;

describe('sign', () => {
  it.each(VECTORS)('signs $method $path as the venue documents it', ({ timestamp, method, path, body, signature }) => {
    expect(sign(SECRET, timestamp, method, path, body)).toBe(signature);
  });
});

describe('isoTimestamp', () => {
  it('writes UTC with milliseconds, whatever came before', () => {
    expect(isoTimestamp(1_607_418_537_715)).toBe('2020-12-08T09:08:57.715Z');
    expect(isoTimestamp(1_607_418_537_715)).toBe('2020-12-08T09:08:57.715Z');
    expect(isoTimestamp(0)).toBe('1970-01-01T00:00:00.000Z');
  });
});
