import { type Connection, createConnection } from 'mariadb';
import { isTlsFailure } from '../addresses/certificate-errors';
import { parseDatabaseUrl } from './database-url';
import { outliveFailedConnects } from './failed-connects';

/** The database is there, and does not take us as DATABASE_URL has us come. Waiting mends nothing. */
export class DatabaseRefusal extends Error {}

const BY_TLS = 'Add sslaccept=strict to DATABASE_URL, and sslcert=<file of the authority> where it is a private one';
const BY_TLS_OR_KEY = `${BY_TLS}; on a network that you trust, allowPublicKeyRetrieval=true lets MySQL encrypt the password alone`;

/** What to do about the errors of the driver and the server that no waiting mends. */
const ADVICE: Record<string, string> = {
  ER_SECURE_TRANSPORT_REQUIRED: BY_TLS,
  ER_CANNOT_RETRIEVE_RSA_KEY: BY_TLS_OR_KEY,
  ER_SERVER_SSL_DISABLED: 'DATABASE_URL asks for TLS, which this server does not have',
  ER_ACCESS_DENIED_ERROR:
    'Look at user and password of DATABASE_URL, and whether this user must come by TLS or with a certificate',
};
const UNVERIFIED =
  "The server's certificate is not accepted. Name its authority's file with sslcert in DATABASE_URL, and with servername the host that it was made for; " +
  'sslaccept=accept_invalid_certs trusts whoever answers';

/** A `DatabaseRefusal` that says what to do about this error; undefined where waiting may help, as for a database that is away. */
export function explainRefusal(error: unknown): DatabaseRefusal | undefined {
  const code = String((error as { code?: unknown } | null)?.code);
  const unverified = isTlsFailure(error) || /^ER_(SELF_SIGNED|TLS_IDENTITY)/.test(code);
  const advice = ADVICE[code] ?? (unverified ? UNVERIFIED : undefined);
  if (advice === undefined) return undefined;
  return new DatabaseRefusal(`The database refuses us: ${(error as Error).message.replace(/\.$/, '')}. ${advice}.`, {
    cause: error,
  });
}

/**
 * Opens one connection as all others will be, and closes it. A database that is away is none of its business: who needs it waits
 * for it.
 *
 * @throws AddressError, DatabaseRefusal
 */
export async function requireDatabase(url: string): Promise<void> {
  outliveFailedConnects();
  const { connection: address } = parseDatabaseUrl(url);
  let connection: Connection;
  try {
    connection = await createConnection({ connectTimeout: 5000, ...address });
  } catch (error) {
    const refusal = explainRefusal(error);
    if (refusal !== undefined) throw refusal;
    return;
  }
  connection.on('error', () => undefined);
  await connection.end().catch(() => undefined);
}
