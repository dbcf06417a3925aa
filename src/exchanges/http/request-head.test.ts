import { expect, it } from 'vitest';
import { writeHead } from './request-head';

it('writes host, headers and the length of the body in bytes', () => {
  expect(writeHead('venue:8443', '/api', ['content-type', 'application/json', 'x-key', 'a b'], '{"x":"é"}')).toBe(
    'POST /api HTTP/1.1\r\nhost: venue:8443\r\nconnection: keep-alive\r\ncontent-type: application/json\r\nx-key: a b\r\ncontent-length: 10\r\n\r\n',
  );
});

it.each(['a\r\nx: y', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'aĀb', '密'])('writes no head with the value %j', (value) => {
  expect(writeHead('venue', '/', ['x-key', value], '{}')).toBeNull();
});
