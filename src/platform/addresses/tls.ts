import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import type { AddressParameters } from './parameters';

/** What Node's TLS needs to know of a server, as both the MariaDB driver and ioredis take it. */
export type TlsSettings = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'checkServerIdentity'
> & {
  /** Whose name the certificate must bear where `servername` is not given. */
  readonly host: string;
  readonly rejectUnauthorized: boolean;
};

/** MySQL's words. "preferred" is not among them: it talks in clear where TLS is not to be had, and says nothing. */
const MODES = ['disabled', 'required', 'verify_ca', 'verify_identity'] as const;
type Mode = (typeof MODES)[number];

/**
 * Reads how an address wants TLS, in the words of Prisma (`sslaccept`, `sslcert`, `sslidentity`, `sslpassword`) or of MySQL
 * (`ssl-mode`, `ssl-ca`, `ssl-cert`, `ssl-key`). Where nothing else is said, the certificate must come from a known authority and
 * bear the host's name.
 *
 * @param asked whether the address has asked for TLS by its scheme
 * @returns undefined where it wants none
 * @throws what `parameters.wrong` makes, where parts contradict each other or a file is of no use
 */
export function readTls(parameters: AddressParameters, host: string, asked = false): TlsSettings | undefined {
  const { wrong } = parameters;
  const on = parameters.flag('ssl');
  const said = saidMode(parameters);
  const ca = parameters.file('sslcert', 'ssl-ca', 'sslca');
  const cert = parameters.file('ssl-cert');
  const key = parameters.file('ssl-key', 'sslkey');
  const pfx = parameters.file('sslidentity');
  const passphrase = parameters.text('sslpassword');
  const servername = parameters.text('servername');

  const wanted =
    asked || on === true || [ca, cert, key, pfx, passphrase, servername].some((part) => part !== undefined);
  if (on === false || said === 'disabled') {
    if (wanted || (said !== undefined && said !== 'disabled')) throw wrong('both asks for TLS and turns it off');
    return undefined;
  }
  if (!wanted && said === undefined) return undefined;

  const mode = said ?? 'verify_identity';
  if (mode === 'required' && ca !== undefined) {
    throw wrong('names an authority for the certificate and says that it is not checked; write sslaccept=strict');
  }
  if (mode === 'verify_ca' && ca === undefined) throw wrong("lacks the authority's file for verify_ca; add sslcert");
  if ((cert === undefined) !== (key === undefined)) throw wrong('needs ssl-cert and ssl-key together');
  if (cert !== undefined && pfx !== undefined) throw wrong('gives both sslidentity and ssl-cert');
  if (passphrase !== undefined && pfx === undefined && key === undefined) {
    throw wrong('gives sslpassword without a key that it opens');
  }
  if (servername !== undefined && isIP(servername) !== 0) throw wrong('needs the name of a host as servername');
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw wrong('names a file with sslcert that holds no certificate in PEM');
  }
  const files = { ca, cert, key, pfx, passphrase };
  try {
    createSecureContext(files);
  } catch (error) {
    throw wrong(`names certificates that cannot be used: ${(error as Error).message}`);
  }
  return {
    ...Object.fromEntries(Object.entries(files).filter(([, value]) => value !== undefined)),
    host,
    // Node does not tell the server whom it wants unless it is told so itself; an IP address must not be told.
    ...(servername !== undefined ? { servername } : isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: mode !== 'required',
    ...(mode === 'verify_ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function saidMode(parameters: AddressParameters): Mode | undefined {
  const accept = parameters.choice(['strict', 'accept_invalid_certs'] as const, 'sslaccept');
  const mode = parameters.choice(MODES, 'ssl-mode', 'sslmode');
  const same = accept === undefined ? mode : accept === 'strict' ? 'verify_identity' : 'required';
  if (mode !== undefined && mode !== same)
    throw parameters.wrong('gives sslaccept and ssl-mode that contradict each other');
  return same;
}
