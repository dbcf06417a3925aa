import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/**
 * Envelope encryption. The master key (from the environment) wraps one data key a tenant; the data key seals the
 * tenant's secrets with AES-256-GCM. Each ciphertext names the version of its key and is bound to the row and field
 * that it belongs to by its associated data: copied into another row, it does not open.
 *
 * Sealed text: `<version>.<iv>.<tag>.<ciphertext>`, base64url.
 */
const VERSION = 'k1';

/** Thrown when sealed text was altered, belongs elsewhere, or was made with another key. Says nothing of the content. */
export class UnsealError extends Error {
  readonly code = 'UNSEAL_FAILED';
  constructor() {
    super('A sealed value could not be opened: wrong key, wrong place or altered');
  }
}

function seal(key: Buffer, plaintext: Buffer, place: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(`${VERSION}:${place}`));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [
    VERSION,
    iv.toString('base64url'),
    cipher.getAuthTag().toString('base64url'),
    body.toString('base64url'),
  ].join('.');
}

function unseal(key: Buffer, sealed: string, place: string): Buffer {
  const [version, iv, tag, body] = sealed.split('.');
  if (version !== VERSION || iv === undefined || tag === undefined || body === undefined) throw new UnsealError();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
      .setAAD(Buffer.from(`${version}:${place}`))
      .setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]);
  } catch {
    throw new UnsealError();
  }
}

/** Seals and opens the secrets of one tenant. `place` is "<table>.<column>:<row id>". */
export interface TenantCipher {
  seal(plaintext: string, place: string): string;
  unseal(sealed: string, place: string): string;
}

/** Holds the master key. Data keys stay in memory only. */
export class Cipher {
  readonly #master: Buffer;
  readonly #tenants = new Map<string, { wrapped: string; cipher: TenantCipher }>();

  /** @param masterKey 32 bytes, base64 */
  constructor(masterKey: string) {
    this.#master = Buffer.from(masterKey, 'base64');
    if (this.#master.length !== 32) throw new Error('The master key must be 32 bytes in base64');
  }

  /** A new data key for a tenant, wrapped: what Tenant.wrappedKey holds. */
  newWrappedKey(tenantId: string): string {
    return seal(this.#master, randomBytes(32), `Tenant.wrappedKey:${tenantId}`);
  }

  forTenant(tenant: { readonly id: string; readonly wrappedKey: string }): TenantCipher {
    const known = this.#tenants.get(tenant.id);
    if (known !== undefined && known.wrapped === tenant.wrappedKey) return known.cipher;
    const key = unseal(this.#master, tenant.wrappedKey, `Tenant.wrappedKey:${tenant.id}`);
    const cipher: TenantCipher = {
      seal: (plaintext, place) => seal(key, Buffer.from(plaintext, 'utf8'), place),
      unseal: (sealed, place) => unseal(key, sealed, place).toString('utf8'),
    };
    this.#tenants.set(tenant.id, { wrapped: tenant.wrappedKey, cipher });
    return cipher;
  }
}
