import { describe, expect, it } from 'vitest';
import { readEnvironment } from './env';

const complete = {
  DATABASE_URL: 'mysql://u:secret-word@db.example/x',
  REDIS_URL: 'redis://redis.example',
  SLIPSTREAM_MASTER_KEY: Buffer.alloc(32).toString('base64'),
  NEXTAUTH_SECRET: 'long enough to be one',
};
const reading = (changes: Record<string, string | undefined>) => () => readEnvironment({ ...complete, ...changes });

describe('readEnvironment', () => {
  it('takes ten connections to the database unless variable or address says otherwise', () => {
    expect(reading({})().DATABASE_CONNECTIONS).toBe(10);
    expect(reading({ DATABASE_CONNECTIONS: '4' })().DATABASE_CONNECTIONS).toBe(4);
    const limited = `${complete.DATABASE_URL}?connection_limit=5`;
    expect(reading({ DATABASE_URL: limited })().DATABASE_CONNECTIONS).toBe(5);
    expect(reading({ DATABASE_URL: limited, DATABASE_CONNECTIONS: '5' })().DATABASE_CONNECTIONS).toBe(5);
    expect(reading({ DATABASE_URL: limited, DATABASE_CONNECTIONS: '6' })).toThrow('DATABASE_CONNECTIONS is not what');
  });

  it('names every wrong variable, and shows no address', () => {
    const wrong = {
      DATABASE_URL: `${complete.DATABASE_URL}?sslmod=required`,
      REDIS_URL: 'redis://:secret-word@h?tls=1',
    };
    expect(reading({ ...wrong, WEB_PORT: 'http' })).toThrow(
      /DATABASE_URL has the parameter sslmod .*REDIS_URL has the parameter tls .*WEB_PORT/,
    );
    expect(reading(wrong)).toThrow(/^(?!.*secret-word)/);
  });
});
