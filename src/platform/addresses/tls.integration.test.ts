import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, type TestCertificates } from '@/testing/services';
import { AddressParameters } from './parameters';
import { readTls } from './tls';

const folder = mkdtempSync(join(tmpdir(), 'tls-'));
let files: TestCertificates;
beforeAll(() => {
  files = makeCertificates(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (parameters: Record<string, string>, host = 'db.example', asked = false) => {
  const values = new AddressParameters(new URLSearchParams(parameters), (message) => new Error(message));
  const tls = readTls(values, host, asked);
  values.finish();
  return tls;
};

describe('readTls', () => {
  it('checks the certificate and its name unless told otherwise', () => {
    const checked = { host: 'db.example', servername: 'db.example', rejectUnauthorized: true };
    for (const [name, value] of [
      ['ssl', 'true'],
      ['sslaccept', 'strict'],
      ['ssl-mode', 'VERIFY_IDENTITY'],
    ] as const) {
      expect(read({ [name]: value })).toEqual(checked);
    }
    expect(read({ sslcert: files.ca })).toEqual({ ...checked, ca: readFileSync(files.ca) });
    expect(read({}, 'db.example', true)).toEqual(checked);
    expect(read({})).toBeUndefined();
  });

  it('does not tell the server an IP address as the name of a host', () => {
    expect(read({ ssl: 'true' }, '10.0.0.1')).toEqual({ host: '10.0.0.1', rejectUnauthorized: true });
  });

  it('checks less where it is told to', () => {
    expect(read({ sslaccept: 'accept_invalid_certs' })?.rejectUnauthorized).toBe(false);
    expect(read({ ssl: 'true', 'ssl-mode': 'required' })?.rejectUnauthorized).toBe(false);
    const authority = read({ 'ssl-mode': 'verify_ca', 'ssl-ca': files.ca });
    expect(authority?.rejectUnauthorized).toBe(true);
    expect(authority?.checkServerIdentity?.('else.example', {} as never)).toBeUndefined();
  });

  it('reads the certificate of a client', () => {
    const { cert, key, pfx, pfxPassword } = files.client;
    expect(read({ 'ssl-cert': cert, 'ssl-key': key })).toMatchObject({
      cert: readFileSync(cert),
      key: readFileSync(key),
    });
    const packed = read({ sslidentity: pfx, sslpassword: pfxPassword });
    expect(packed).toMatchObject({ pfx: readFileSync(pfx), passphrase: pfxPassword });
  });

  it.each([
    ['TLS and none', () => ({ ssl: 'false', sslcert: files.ca }), 'both asks for TLS and turns it off'],
    ['two ways', () => ({ sslaccept: 'strict', 'ssl-mode': 'required' }), 'contradict each other'],
    ['a way that may stay in clear', () => ({ 'ssl-mode': 'PREFERRED' }), 'needs disabled, required, verify_ca'],
    ['an authority for nothing', () => ({ sslaccept: 'accept_invalid_certs', sslcert: files.ca }), 'is not checked'],
    ['no authority to verify by', () => ({ 'ssl-mode': 'verify_ca' }), 'add sslcert'],
    ['half a pair', () => ({ 'ssl-cert': files.client.cert }), 'needs ssl-cert and ssl-key together'],
    ['a pair that is none', () => ({ 'ssl-cert': files.client.cert, 'ssl-key': files.server.key }), 'cannot be used'],
    ['a file that no word opens', () => ({ sslidentity: files.client.pfx, sslpassword: 'x' }), 'cannot be used'],
    ['a password for nothing', () => ({ ssl: 'true', sslpassword: 'x' }), 'without a key that it opens'],
    ['a file that is not there', () => ({ sslcert: join(folder, 'none.pem') }), 'cannot be read: ENOENT'],
    ['a file that is no certificate', () => ({ sslcert: files.client.key }), 'holds no certificate in PEM'],
    ['a path from nowhere', () => ({ sslcert: 'ca.pem' }), 'needs an absolute path as the value of sslcert'],
    ['an address as a name', () => ({ servername: '10.0.0.1' }), 'needs the name of a host'],
  ])('refuses %s', (_name, parameters, message) => {
    expect(() => read(parameters() as Record<string, string>)).toThrow(message);
  });
});
