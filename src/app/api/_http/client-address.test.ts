import { describe, expect, it } from 'vitest';
import { clientAddress } from './client-address';

const headers = new Headers({ 'x-slipstream-peer': '10.0.0.9', 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.8' });

describe('clientAddress', () => {
  it('believes only the socket without proxies', () => {
    expect(clientAddress(headers, 0)).toBe('10.0.0.9');
  });

  it('takes what the outermost trusted proxy saw', () => {
    expect(clientAddress(headers, 1)).toBe('10.0.0.8');
    expect(clientAddress(headers, 2)).toBe('203.0.113.7');
  });

  it('falls back to the socket when the proxies said nothing', () => {
    expect(clientAddress(new Headers({ 'x-slipstream-peer': '10.0.0.9' }), 1)).toBe('10.0.0.9');
  });
});
