import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url';

describe('parseRedisUrl', () => {
  it('reads every part, with escaped characters', () => {
    expect(parseRedisUrl('redis://user:p%40ss@redis.example:6380/7')).toEqual({
      host: 'redis.example',
      port: 6380,
      db: 7,
      username: 'user',
      password: 'p@ss',
    });
    expect(parseRedisUrl('redis://:p@[::1]')).toEqual({ host: '::1', port: 6379, db: 0, password: 'p' });
  });

  it('asks for TLS with a checked certificate when its scheme says so', () => {
    const tls = { host: 'redis.example', servername: 'redis.example', rejectUnauthorized: true };
    expect(parseRedisUrl('rediss://redis.example').tls).toEqual(tls);
    expect(parseRedisUrl('rediss://redis.example?sslaccept=accept_invalid_certs').tls).toEqual({
      ...tls,
      rejectUnauthorized: false,
    });
  });

  it.each([
    ['http://:secret-word@host', 'must begin with redis:// or rediss://'],
    ['redis://:secret-word@host/name', 'must end with the number of a database'],
    ['redis://:secret-word@host?sslaccept=strict', 'asks for TLS; write rediss://'],
    ['rediss://:secret-word@host?ssl=false', 'both asks for TLS and turns it off'],
    ['redis://:secret-word@host?tls=true', 'has the parameter tls that is not known here'],
    ['redis://:secret-word@host?maxRetriesPerRequest=null', 'has the parameter maxRetriesPerRequest that is not known'],
  ])('refuses %s without repeating the password', (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(`REDIS_URL ${message}`);
    expect(() => parseRedisUrl(url)).toThrow(/^(?!.*secret-word)/);
  });
});
