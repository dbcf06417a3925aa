import { describe, expect, it } from 'vitest';
import { AnswerError, AnswerReader, type HttpAnswer } from './answer-reader';

const LARGEST = 4096;
const OK = 'HTTP/1.1 200 OK\r\n';

/** Reads an answer that arrives in pieces of so many bytes. */
function read(text: string, size = text.length * 4): HttpAnswer | null {
  const bytes = Buffer.from(text);
  const reader = new AnswerReader(LARGEST);
  let answer: HttpAnswer | null = null;
  for (let at = 0; at < bytes.length; at += size) {
    expect(answer).toBeNull();
    const piece = Buffer.from(bytes.subarray(at, at + size));
    answer = reader.push(piece);
    // The next read is put where this one was.
    piece.fill('?');
  }
  return answer;
}

function codeOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    return error instanceof AnswerError ? error.code : 'another error';
  }
}

const VENUE = `${OK}Date: Sun, 22 Nov 2026 10:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: 13\r\nSet-Cookie: a=b; Path=/\r\nCF-RAY: 1\r\n\r\n{"code":"é"}`;
const CHUNKED = `HTTP/1.1 100 Continue\r\n\r\n${OK}transfer-encoding: Chunked\r\nx-content-length: 1\r\n\r\n5\r\n{"cod\r\nA;why=so\r\ne":"é"}  \r\n0\r\nx-trailer: 1\r\n\r\n`;

describe('AnswerReader', () => {
  it.each([
    ['a body of a known length', VENUE, '{"code":"é"}'],
    ['chunks, after an interim answer', CHUNKED, '{"code":"é"}  '],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['an empty body', `${OK}content-length: 0\r\n\r\n`, ''],
  ])('reads %s, wherever it was cut on its way', (_what, text, body) => {
    const whole = read(text);
    expect(whole?.body).toBe(body);
    for (let size = 1; size < Buffer.byteLength(text); size += 1) expect(read(text, size)).toEqual(whole);
  });

  it('tells what the head says', () => {
    const head =
      'HTTP/1.1 429 Too Many\r\nRETRY-AFTER:  2 \r\nKeep-Alive: timeout=5, max=100\r\ncontent-length: 2\r\n\r\n{}';
    expect(read(head)).toEqual({ status: 429, retryAfter: '2', keptForMs: 5000, body: '{}' });
  });

  it.each([
    ['says so', `${OK}Connection: Close\r\ncontent-length: 2\r\n\r\n{}`],
    ['says so among others', `${OK}connection: x, close\r\nkeep-alive: timeout=9\r\ncontent-length: 2\r\n\r\n{}`],
    ['goes on', `${OK}content-length: 2\r\n\r\n{}${OK}`],
    ['goes on after the chunks', `${OK}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${OK}`],
    ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
  ])('knows that the connection is of no more use where the server %s', (_what, text) => {
    expect(read(text)).toMatchObject({ keptForMs: 0, body: '{}' });
  });

  it('reads a body without a length up to the end of the connection', () => {
    const reader = new AnswerReader(LARGEST);
    expect(reader.push(Buffer.from(`${OK}x: y\r\n\r\n{"a":`))).toBeNull();
    expect(reader.push(Buffer.from('1}'))).toBeNull();
    expect(reader.end()).toEqual({ status: 200, retryAfter: null, keptForMs: 0, body: '{"a":1}' });
  });

  it.each([
    ['before it began', ''],
    ['in the head', `${OK}content-le`],
    ['in the body', `${OK}content-length: 3\r\n\r\n{}`],
    ['in a chunk', `${OK}transfer-encoding: chunked\r\n\r\n3\r\n{}`],
    ['before the last chunk', `${OK}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`],
    ['in the trailers', `${OK}transfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n`],
  ])('has no answer where the connection breaks off %s', (_where, text) => {
    const reader = new AnswerReader(LARGEST);
    if (text !== '') expect(reader.push(Buffer.from(text))).toBeNull();
    expect(reader.end()).toBeNull();
  });

  it.each([
    ['is no HTTP', 'what?'],
    ['is of another version', 'HTTP/2 200\r\n\r\n'],
    ['has a strange status', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['changes the protocol', 'HTTP/1.1 101 Switching\r\n\r\n'],
    ['has a negative length', `${OK}content-length: -1\r\n\r\n`],
    ['has two lengths', `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ['has a length and chunks', `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['is compressed on its way', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['has a folded header', `${OK}a: b\r\n content-length: 2\r\n\r\n{}`],
    ['has a blank before a colon', `${OK}content-length : 2\r\n\r\n{}`],
    ['has a line without a name', `${OK}what\r\ncontent-length: 2\r\n\r\n{}`],
    ['has a chunk without a length', `${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['has a chunk that is longer than it says', `${OK}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n`],
  ])('refuses what %s', (_what, text) => {
    expect(codeOf(() => read(text))).toBe('MALFORMED_ANSWER');
  });

  it.each([
    ['says that it is', `${OK}content-length: 5000\r\n\r\n`],
    ['has a chunk that is', `${OK}transfer-encoding: chunked\r\n\r\nffffffff\r\n`],
    ['has a head that is', `${OK}x: ${'y'.repeat(5000)}`],
    ['goes on and on', `${OK}\r\n${'y'.repeat(5000)}`],
  ])('refuses an answer that is too large, where it %s', (_what, text) => {
    expect(codeOf(() => read(text))).toBe('ANSWER_TOO_LARGE');
  });
});
