import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** What a process ends with that is started with these variables: its exit code, and the one line that it says. */
function begin(variables: Record<string, string>): { code: number | null; line: { level: number; reason: string } } {
  const program = "await (await import('./src/processes/begin.ts')).beginProcess('a process'); process.exit(0);";
  const ended = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: process.env.TEST_DATABASE_URL,
      REDIS_URL: process.env.TEST_REDIS_URL,
      SLIPSTREAM_MASTER_KEY: Buffer.alloc(32).toString('base64'),
      NEXTAUTH_SECRET: 'long enough to be one',
      ...variables,
    },
  });
  const output = `${ended.stdout}${ended.stderr}`.trim();
  return { code: ended.status, line: output === '' ? { level: 0, reason: '' } : JSON.parse(output) };
}

const databaseWith = (name: string, value: string): string => {
  const url = new URL(process.env.TEST_DATABASE_URL ?? '');
  url.search = '';
  url.searchParams.set(name, value);
  return url.href;
};

it('says in one line what is wrong with an address, and ends', () => {
  const { code, line } = begin({ DATABASE_URL: databaseWith('sslmod', 'required') });
  expect(code).toBe(1);
  expect(line.level).toBe(60);
  expect(line.reason).toContain('DATABASE_URL has the parameter sslmod that is not known here');
});

it('does not start where TLS is asked for and not to be had', () => {
  const redis = begin({ REDIS_URL: process.env.TEST_REDIS_URL?.replace('redis:', 'rediss:') ?? '' });
  expect(redis.code).toBe(1);
  expect(redis.line.reason).toContain('REDIS_URL asks for TLS, and this Redis talks in clear');
  // Some servers have TLS without being told, with a certificate that nobody knows.
  const database = begin({ DATABASE_URL: databaseWith('sslaccept', 'strict') });
  expect(database.code).toBe(1);
  expect(database.line.reason).toMatch(/asks for TLS, which this server does not have|certificate is not accepted/);
});

it('says that the level of the log is wrong, although it cannot be used', () => {
  const { code, line } = begin({ LOG_LEVEL: 'chatty' });
  expect(code).toBe(1);
  expect(line.reason).toContain('LOG_LEVEL');
});

it('begins while database and Redis are away', () => {
  const away = { DATABASE_URL: 'mysql://u:p@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };
  expect(begin(away).code).toBe(0);
});
