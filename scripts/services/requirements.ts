import { findBinary } from './binaries';
import { mariaDbBinaries } from './mariadb';
import type { Requirement } from './packages';
import { redisBinary } from './redis';

export const MARIADB: Requirement = {
  name: 'MariaDB',
  packages: ['mariadb-server'],
  isThere: () => mariaDbBinaries() !== undefined,
};

export const REDIS: Requirement = {
  name: 'Redis',
  packages: ['redis-server'],
  isThere: () => redisBinary() !== undefined,
};

/** Makes the certificates of tests; the product does not need it. */
export const OPENSSL: Requirement = {
  name: 'OpenSSL',
  packages: ['openssl'],
  isThere: () => findBinary('openssl') !== undefined,
};

export const CHROMIUM: Requirement = {
  name: 'Chromium',
  packages: ['chromium', 'fonts-noto-cjk'],
  isThere: () => chromiumBinary() !== undefined,
};

export function chromiumBinary(): string | undefined {
  return (
    process.env.CHROMIUM_PATH ?? findBinary('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome')
  );
}
