/** What a header's value may not hold: above all a line's end, after which another header would begin. */
const NOT_ALLOWED = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The head of a POST of JSON, up to the empty line; null where a value holds what HTTP does not allow.
 * @param host of the server, with its port where that is not the usual one
 * @param path as it is sent, our own
 * @param headers flat list of names, our own, and values
 */
export function writeHead(host: string, path: string, headers: readonly string[], body: string): string | null {
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const value = headers[index + 1] ?? '';
    if (NOT_ALLOWED.test(value)) return null;
    head += `${headers[index]}: ${value}\r\n`;
  }
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
}
