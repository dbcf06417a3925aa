import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, request } from 'undici';

/**
 * Requests to addresses that a tenant entered. Such an address must not become a way into the installation's own network:
 * only https, only known hosts, no redirects, and the address that a name resolves to is checked in the same look-up that
 * the connection uses, so that a name cannot show one address to the check and another one to the socket.
 */
export type OutboundPolicy = {
  /** Host names that may be called, lower case. */
  readonly hosts: readonly string[];
  /**
   * Also lets http and https through to literal private addresses, and to names that only a private network has
   * ("localhost", "simulator", "robot.internal"), where they resolve to private addresses: for tests and the demo.
   */
  readonly allowPrivate: boolean;
};

export type OutboundRefusal = 'URL_INVALID' | 'URL_SCHEME' | 'URL_CREDENTIALS' | 'URL_HOST' | 'ADDRESS_PRIVATE';

/** An address that must not be called. The message names no part of the address. */
export class OutboundError extends Error {
  constructor(readonly code: OutboundRefusal) {
    super(REFUSALS[code]);
    this.name = 'OutboundError';
  }
}

const REFUSALS: Readonly<Record<OutboundRefusal, string>> = {
  URL_INVALID: 'It is not an address',
  URL_SCHEME: 'The address must begin with https://',
  URL_CREDENTIALS: 'The address must not contain a user name or password',
  URL_HOST: 'The address does not belong to a service that messages may be sent to',
  ADDRESS_PRIVATE: 'The address leads into a private network',
};

/** Loopback and private networks: what `allowPrivate` opens. */
const PRIVATE = blockList([
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
]);

/** Never reached, whatever the policy says: link-local (cloud metadata), multicast, shared and reserved ranges. */
const FORBIDDEN = blockList([
  ['0.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]);

function blockList(ranges: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, isIP(network) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** "public", "private" (loopback included) or "forbidden". IPv4 written as IPv6 counts as what it means. */
export function classifyAddress(address: string): 'public' | 'private' | 'forbidden' {
  const family = isIP(address);
  if (family === 0) return 'forbidden';
  // A BlockList matches IPv4-mapped IPv6 addresses against its IPv4 ranges by itself.
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (FORBIDDEN.check(address, type)) return 'forbidden';
  return PRIVATE.check(address, type) ? 'private' : 'public';
}

/** Names without a dot, and those of the domains that are reserved for private networks. */
const PRIVATE_NAME = /^[^.]+$|\.(?:internal|local|localhost|home\.arpa)$/;

/** Checks an address as far as possible without a look-up. Throws OutboundError. */
export function checkOutboundUrl(text: string, policy: OutboundPolicy): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OutboundError('URL_INVALID');
  }
  if (url.username !== '' || url.password !== '') throw new OutboundError('URL_CREDENTIALS');
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isLiteral = isIP(host) !== 0;
  const isPrivate = isLiteral ? classifyAddress(host) === 'private' : PRIVATE_NAME.test(host);
  if (isPrivate && policy.allowPrivate) {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutboundError('URL_SCHEME');
    return url;
  }
  if (url.protocol !== 'https:') throw new OutboundError('URL_SCHEME');
  if (isPrivate || (isLiteral && classifyAddress(host) === 'forbidden')) throw new OutboundError('ADDRESS_PRIVATE');
  if (!policy.hosts.includes(host) || url.port !== '') throw new OutboundError('URL_HOST');
  return url;
}

export type OutboundResponse = { readonly status: number; readonly body: string };

export interface Outbound {
  readonly policy: OutboundPolicy;
  /**
   * Posts JSON and reads an answer of at most 64 kB. Redirects are answers, not followed. Rejects with OutboundError where
   * the address is refused, with another error where no answer came in time.
   */
  postJson(url: URL, body: string, timeoutMs: number): Promise<OutboundResponse>;
  close(): Promise<void>;
}

const LARGEST_ANSWER = 65_536;

type ResolveAll = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** @param resolve the system's look-up, unless a test stands in for a name server that lies */
export function createOutbound(
  policy: OutboundPolicy,
  resolve: ResolveAll = (hostname, options, callback) => lookup(hostname, { ...options, all: true }, callback),
): Outbound {
  const agent = new Agent({
    connect: { lookup: guardedLookup(policy, resolve), timeout: 5000 },
    connections: 16,
    maxResponseSize: LARGEST_ANSWER,
  });
  return {
    policy,
    async postJson(url, body, timeoutMs) {
      const checked = checkOutboundUrl(url.href, policy);
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await request(checked, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body,
          dispatcher: agent,
          signal,
        });
        return { status: answer.statusCode, body: await answer.body.text() };
      } catch (error) {
        // The look-up's refusal reaches us as the cause of a connection error.
        const cause = error instanceof Error ? error.cause : undefined;
        throw cause instanceof OutboundError ? cause : error;
      }
    },
    close: () => agent.close(),
  };
}

type SocketLookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** What the socket itself calls: answers only addresses that the policy permits. */
function guardedLookup(policy: OutboundPolicy, resolve: ResolveAll): SocketLookup {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const permitted = addresses.filter(({ address }) => {
        const kind = classifyAddress(address);
        return policy.hosts.includes(hostname) ? kind === 'public' : kind === 'private' && policy.allowPrivate;
      });
      const [first] = permitted;
      // One bad address among good ones is a name server that cannot be trusted with the next answer either.
      if (first === undefined || permitted.length !== addresses.length) {
        return callback(new OutboundError('ADDRESS_PRIVATE'), []);
      }
      if (options.all === true) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };
}
