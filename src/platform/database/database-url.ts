import { readAddress } from '../addresses/address';
import { readTls, type TlsSettings } from '../addresses/tls';

/** The parts of DATABASE_URL, as the mariadb driver takes them. */
export interface DatabaseAddress {
  /** What every connection is made with, a single one or one of a pool. */
  readonly connection: DatabaseConnection;
  /** What the address says of a pool. */
  readonly pool: {
    readonly connectionLimit?: number;
    /** How long a caller waits for a free connection, ms. */
    readonly acquireTimeout?: number;
  };
}

export interface DatabaseConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl?: TlsSettings;
  /** A Unix socket, instead of host and port. */
  readonly socketPath?: string;
  /** ms */
  readonly connectTimeout?: number;
  /** For MySQL's default log-in without TLS: whether the server is asked for the key that the password is encrypted with. */
  readonly allowPublicKeyRetrieval?: boolean;
  /** That key, where it is known. */
  readonly cachingRsaPublicKey?: string;
}

/**
 * Reads `mysql://user:password@host:port/database?parameters`; docs/operations.md lists the parameters. Files that it names are
 * read here.
 *
 * @throws AddressError, which never contains the address itself
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const { host, port, user, password, path, parameters } = readAddress('DATABASE_URL', url, ['mysql', 'mariadb'], 3306);
  if (path === '' || path.includes('/')) throw parameters.wrong('must end with the name of a database');
  const ssl = readTls(parameters, host);
  const socketPath = parameters.path('socket');
  const connectSeconds = parameters.whole(1, 600, 'connect_timeout');
  const waitSeconds = parameters.whole(1, 600, 'pool_timeout');
  const connectionLimit = parameters.whole(1, 1000, 'connection_limit', 'connectionLimit');
  const allowPublicKeyRetrieval = parameters.flag('allowPublicKeyRetrieval', 'get-server-public-key');
  const publicKey = parameters.file('server-public-key-path');
  parameters.finish();
  return {
    connection: {
      host,
      port,
      user,
      password,
      database: path,
      ...(ssl === undefined ? {} : { ssl }),
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(connectSeconds === undefined ? {} : { connectTimeout: connectSeconds * 1000 }),
      ...(allowPublicKeyRetrieval === true ? { allowPublicKeyRetrieval } : {}),
      ...(publicKey === undefined ? {} : { cachingRsaPublicKey: publicKey.toString('utf8') }),
    },
    pool: {
      ...(connectionLimit === undefined ? {} : { connectionLimit }),
      ...(waitSeconds === undefined ? {} : { acquireTimeout: waitSeconds * 1000 }),
    },
  };
}
