import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from './database-url';

const connection = (parameters: string) => parseDatabaseUrl(`mysql://u:p@db.example/x${parameters}`).connection;

describe('parseDatabaseUrl', () => {
  it('reads every part, with escaped characters', () => {
    const url = 'mysql://user:p%40ss@db.example:3307/copy_trading?connection_limit=7&pool_timeout=3&connect_timeout=4';
    expect(parseDatabaseUrl(url)).toEqual({
      connection: {
        host: 'db.example',
        port: 3307,
        user: 'user',
        password: 'p@ss',
        database: 'copy_trading',
        connectTimeout: 4000,
      },
      pool: { connectionLimit: 7, acquireTimeout: 3000 },
    });
  });

  it('takes the usual port when none is given, and an IPv6 address', () => {
    expect(parseDatabaseUrl('mariadb://u:p@[::1]/x').connection).toMatchObject({ host: '::1', port: 3306 });
  });

  it('reads how MySQL is to get a password without TLS, and a socket', () => {
    expect(connection('?allowPublicKeyRetrieval=true').allowPublicKeyRetrieval).toBe(true);
    expect(connection('?allowPublicKeyRetrieval=false').allowPublicKeyRetrieval).toBeUndefined();
    expect(connection('?socket=%2Frun%2Fmysqld.sock').socketPath).toBe('/run/mysqld.sock');
  });

  it('talks in clear unless TLS is asked for', () => {
    expect(connection('').ssl).toBeUndefined();
    expect(connection('?ssl-mode=DISABLED').ssl).toBeUndefined();
    expect(connection('?sslaccept=strict').ssl).toMatchObject({ rejectUnauthorized: true, servername: 'db.example' });
  });

  it.each([
    ['nonsense secret-word', 'is not a URL'],
    ['postgres://u:secret-word@host/x', 'must begin with mysql:// or mariadb://'],
    ['mysql://u:secret-word@host/', 'must end with the name of a database'],
    ['mysql://u:secret-word@host/x/y', 'must end with the name of a database'],
    ['mysql://u:secret-word%zz@host/x', 'contains a % that begins no escape; in a password write %25'],
    ['mysql://u:1#secret-word@host/x', 'must not contain #; in a password write %23'],
    ['mysql://u:1/secret?secret-word@host/x', 'has a parameter that is not known here'],
    [
      'mysql://u:secret-word@host/x?sslacept=strict',
      'has the parameter sslacept that is not known here. Known are ssl,',
    ],
    ['mysql://u:secret-word@host/x?SSLACCEPT=strict', 'has the parameter SSLACCEPT that is not known here'],
    [
      'mysql://u:secret-word@host/x?connection_limit=many',
      'needs a whole number from 1 to 1000 as the value of connection_limit',
    ],
    ['mysql://u:secret-word@host/x?connection_limit=5&connectionLimit=6', 'gives connection_limit more than once'],
    [
      'mysql://u:secret-word@host/x?allowPublicKeyRetrieval=1',
      'needs true, false as the value of allowPublicKeyRetrieval',
    ],
    ['mysql://u:secret-word@host/x?socket=run.sock', 'needs an absolute path as the value of socket'],
  ])('refuses %s without repeating the password', (url, message) => {
    expect(() => parseDatabaseUrl(url)).toThrow(`DATABASE_URL ${message}`);
    expect(() => parseDatabaseUrl(url)).toThrow(/^(?!.*secret-word)/);
  });
});
