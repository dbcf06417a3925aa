import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from './database-url';

describe('parseDatabaseUrl', () => {
  it('reads every part, with escaped characters', () => {
    expect(parseDatabaseUrl('mysql://user:p%40ss@db.example:3307/copy_trading?ssl=true&connection_limit=7')).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'user',
      password: 'p@ss',
      database: 'copy_trading',
      ssl: true,
      connectionLimit: 7,
    });
  });

  it('takes the usual port when none is given', () => {
    expect(parseDatabaseUrl('mariadb://u:p@localhost/x').port).toBe(3306);
  });

  it.each(['nonsense secret-word', 'postgres://u:secret-word@host/x', 'mysql://u:secret-word@host/'])(
    'refuses %s without repeating the password',
    (url) => {
      expect(() => parseDatabaseUrl(url)).toThrow(/^(?!.*secret-word)/);
    },
  );
});
