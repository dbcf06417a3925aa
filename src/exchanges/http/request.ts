/** What a header's value may not hold: above all a line's end, after which another header would begin. */
const NOT_ALLOWED = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * A POST of JSON as it is written to a connection: Latin-1 text, or bytes where the body is more than that; null where a header's value
 * holds what HTTP does not allow.
 * @param host of the server, with its port where that is not the usual one
 * @param path as it is sent, our own
 * @param headers flat list of names, our own, and values
 */
export function writeRequest(
  host: string,
  path: string,
  headers: readonly string[],
  body: string,
): string | Buffer | null {
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const value = headers[index + 1] ?? '';
    if (NOT_ALLOWED.test(value)) return null;
    head += `${headers[index]}: ${value}\r\n`;
  }
  const length = Buffer.byteLength(body);
  head += `content-length: ${length}\r\n\r\n`;
  return length === body.length ? head + body : Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}
