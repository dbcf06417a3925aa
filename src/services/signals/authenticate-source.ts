import { createHmac, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { AppError } from '@/contracts/envelope';
import type { Cipher } from '@/platform/cipher';
import type { Database, SystemClient } from '@/platform/database/database';
import { sha256 } from '@/platform/ids';
import { Together } from '@/platform/together';
import { hmacKeyPlace } from '../sources/sealed-fields';

/** Distance that a signed request's timestamp may have from our clock, ms. */
const SIGNATURE_VALID_FOR = 60_000;

export type SourceRow = Awaited<ReturnType<typeof readSources>>[number];

/** Most look-ups in one statement. */
const AT_ONCE = 100;

/** Finds the sources of path tokens; those that are asked for at the same time are read together. */
export class SourceLookup {
  readonly #together: Together<string, SourceRow | null>;

  constructor(database: Pick<Database, 'system'>) {
    this.#together = new Together(async (hashes) => {
      const rows = new Map((await readSources(database.system, hashes)).map((row) => [row.tokenHash, row]));
      return hashes.map((hash) => rows.get(hash) ?? null);
    }, AT_ONCE);
  }

  /** Null for an unknown token. */
  find(token: string): Promise<SourceRow | null> {
    return this.#together.add(sha256(token));
  }
}

function readSources(db: SystemClient, hashes: readonly string[]) {
  return db.signalSource.findMany({
    where: { tokenHash: { in: [...new Set(hashes)] } },
    include: { tenant: { select: { id: true, wrappedKey: true } } },
  });
}

/**
 * Checks the address and, where the source signs, the signature: `X-Slipstream-Signature` is the hexadecimal
 * HMAC-SHA256 of `<X-Slipstream-Timestamp>.<body>`, the timestamp in epoch ms. Throws AppError.
 */
export function authenticateSource(
  source: SourceRow,
  request: {
    readonly ip: string | null;
    readonly rawBody: string;
    readonly headers: Headers;
    readonly receivedAt: number;
  },
  cipher: Cipher,
): void {
  if (!source.enabled) throw new AppError('FORBIDDEN', 'This signal source is switched off.');
  const allowed = source.allowedIps as string[] | null;
  if (allowed !== null && !isAllowed(request.ip, allowed)) {
    throw new AppError('FORBIDDEN', `The address ${request.ip ?? 'of the sender'} is not on this source's list.`);
  }
  if (source.hmacSealed === null) return;
  const timestamp = request.headers.get('x-slipstream-timestamp') ?? '';
  const signature = request.headers.get('x-slipstream-signature') ?? '';
  if (!/^\d{13}$/.test(timestamp) || Math.abs(request.receivedAt - Number(timestamp)) > SIGNATURE_VALID_FOR) {
    throw new AppError('UNAUTHENTICATED', 'X-Slipstream-Timestamp must be the current time in epoch milliseconds.', {
      field: 'X-Slipstream-Timestamp',
    });
  }
  const key = cipher.forTenant(source.tenant).unseal(source.hmacSealed, hmacKeyPlace(source.id));
  const expected = createHmac('sha256', key).update(`${timestamp}.${request.rawBody}`).digest();
  const given = Buffer.from(/^[0-9a-f]{64}$/i.test(signature) ? signature : '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError('UNAUTHENTICATED', 'The signature does not fit the body.', { field: 'X-Slipstream-Signature' });
  }
}

function isAllowed(ip: string | null, allowed: readonly string[]): boolean {
  if (ip === null) return false;
  const list = new BlockList();
  for (const entry of allowed) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  const plain = ip.startsWith('::ffff:') ? ip.slice(7) : ip;
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
