import { expect, it } from 'vitest';
import { writeRequest, writeSharedHeaders } from './request';

const HEAD = 'POST /api HTTP/1.1\r\nhost: venue:8443\r\nconnection: keep-alive\r\nx-all: b\r\nx-key: a é\r\n';
const SHARED = writeSharedHeaders('venue:8443', ['x-all', 'b']);
const write = (body: string) => writeRequest('/api', SHARED, ['x-none', null, 'x-key', 'a é'], body);

it('writes host, headers and body as one text, and leaves out a header without a value', () => {
  expect(write('{"x":1}')).toBe(`${HEAD}content-length: 7\r\n\r\n{"x":1}`);
});

it('writes a body that is more than ASCII as bytes, with its length in bytes', () => {
  const head = Buffer.from(`${HEAD}content-length: 10\r\n\r\n`, 'latin1');
  expect(write('{"x":"é"}')).toEqual(Buffer.concat([head, Buffer.from('{"x":"é"}')]));
});

it.each(['a\r\nx: y', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'aĀb', '密'])('writes nothing with the value %j', (value) => {
  expect(writeRequest('/', SHARED, ['x-key', value], '{}')).toBeNull();
});
