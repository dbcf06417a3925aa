/** What a header's value may not hold: above all a line's end, after which another header would begin. */
const NOT_ALLOWED = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The headers that all requests to one server share.
 * @param host of the server, with its port where that is not the usual one
 * @param headers flat list of names and values, our own
 */
export function writeSharedHeaders(host: string, headers: readonly string[]): string {
  let text = `host: ${host}\r\nconnection: keep-alive\r\n`;
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return text;
}

/**
 * A POST of JSON as it is written to a connection: Latin-1 text, or bytes where the body is more than that; null where a header's value
 * holds what HTTP does not allow.
 * @param path as it is sent, our own
 * @param shared see `writeSharedHeaders`
 * @param headers flat list of names, our own, and values; null: this request is without it
 */
export function writeRequest(
  path: string,
  shared: string,
  headers: readonly (string | null)[],
  body: string,
): string | Buffer | null {
  let head = `POST ${path} HTTP/1.1\r\n${shared}`;
  for (let index = 0; index < headers.length; index += 2) {
    const value = headers[index + 1] ?? null;
    if (value === null) continue;
    if (NOT_ALLOWED.test(value)) return null;
    head += `${headers[index]}: ${value}\r\n`;
  }
  const length = Buffer.byteLength(body);
  head += `content-length: ${length}\r\n\r\n`;
  return length === body.length ? head + body : Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}
