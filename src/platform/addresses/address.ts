import { AddressParameters } from './parameters';

/** What is wrong with an address of the configuration. Never contains the address itself, because that holds a password. */
export class AddressError extends Error {}

export interface Address {
  /** "mysql", without the colon. */
  readonly scheme: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** What stands behind the host, without its slash. */
  readonly path: string;
  readonly parameters: AddressParameters;
}

/**
 * Reads `scheme://user:password@host:port/path?parameters`.
 *
 * @param what begins every message, for example "DATABASE_URL"
 * @throws AddressError
 */
export function readAddress(what: string, text: string, schemes: readonly string[], usualPort: number): Address {
  const example = `${schemes[0]}://user:password@host:${usualPort}/name`;
  const wrong = (message: string) => new AddressError(`${what} ${message}`);
  if (!URL.canParse(text)) throw wrong(`is not a URL of the form ${example}`);
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme)) throw wrong(`must begin with ${schemes.map((known) => `${known}://`).join(' or ')}`);
  if (url.hostname === '') throw wrong(`lacks its host: ${example}`);
  // A password with such a character ends the address too early.
  if (url.hash !== '') throw wrong('must not contain #; in a password write %23');
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw wrong('contains a % that begins no escape; in a password write %25');
    }
  };
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? usualPort : Number(url.port),
    user: decode(url.username),
    password: decode(url.password),
    path: decode(url.pathname.slice(1)),
    parameters: new AddressParameters(url.searchParams, wrong),
  };
}
