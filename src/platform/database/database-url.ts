/** The parts of a `mysql://user:password@host:port/database` address, as the mariadb driver takes them. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** TLS with a verified certificate: `?ssl=true`. */
  ssl?: boolean;
  /** MySQL 8's default log-in over a connection without TLS: `?allowPublicKeyRetrieval=true`. */
  allowPublicKeyRetrieval?: boolean;
  /** Pool size: `?connectionLimit=20` (or Prisma's `connection_limit`). */
  connectionLimit?: number;
}

/** Reads DATABASE_URL. Throws an Error that never contains the address itself, because that holds the password. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new Error('The database address is not a URL of the form mysql://user:password@host:3306/database');
  }
  if (parsed.protocol !== 'mysql:' && parsed.protocol !== 'mariadb:') {
    throw new Error(`The database address must begin with mysql://, not ${parsed.protocol}//`);
  }
  const database = decodeURIComponent(parsed.pathname.slice(1));
  if (!parsed.hostname || !database) throw new Error('The database address lacks its host or the name of the database');
  const limit = Number(parsed.searchParams.get('connectionLimit') ?? parsed.searchParams.get('connection_limit'));
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port ? Number(parsed.port) : 3306,
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
    ...(parsed.searchParams.get('ssl') === 'true' ? { ssl: true } : {}),
    ...(parsed.searchParams.get('allowPublicKeyRetrieval') === 'true' ? { allowPublicKeyRetrieval: true } : {}),
    ...(Number.isInteger(limit) && limit > 0 ? { connectionLimit: limit } : {}),
  };
}
