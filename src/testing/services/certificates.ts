import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of PEM files, and of one in PKCS#12. */
export interface TestCertificates {
  /** The authority of the others. */
  readonly ca: string;
  /** An authority that has signed none of them. */
  readonly otherCa: string;
  /** For the hosts `db.example`, `localhost` and 127.0.0.1. */
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string; readonly pfx: string; readonly pfxPassword: string };
}

/** Makes certificates for one test file with the `openssl` program: Node reads them, but cannot sign them. */
export function makeCertificates(directory: string): TestCertificates {
  mkdirSync(directory, { recursive: true });
  const path = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = (name: string): void => {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  };
  const signed = (name: string, extension: string): void => {
    writeFileSync(path(`${name}.ext`), extension);
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const signer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  authority('authority');
  authority('stranger');
  signed('server', 'subjectAltName=DNS:db.example,DNS:localhost,IP:127.0.0.1\n');
  signed('client', 'extendedKeyUsage=clientAuth\n');
  const pfxPassword = 'of the file';
  const pair = ['-inkey', 'client.key', '-in', 'client.pem'];
  openssl('pkcs12', '-export', ...pair, '-passout', `pass:${pfxPassword}`, '-out', 'client.p12');
  return {
    ca: path('authority.pem'),
    otherCa: path('stranger.pem'),
    server: { cert: path('server.pem'), key: path('server.key') },
    client: { cert: path('client.pem'), key: path('client.key'), pfx: path('client.p12'), pfxPassword },
  };
}
