/*
 * Answers of HTTP/1.1 to requests of which a connection carries one at a time (RFC 9112). What cannot be read for certain is refused:
 * whoever asked then knows that he does not know.
 */

/** A complete answer. */
export type HttpAnswer = {
  readonly status: number;
  /** As the server wrote it; null: not at all. */
  readonly retryAfter: string | null;
  /** For how long the server says it keeps the connection, ms; null: it says nothing; 0: it closes it. */
  readonly keptForMs: number | null;
  readonly body: string;
};

/** Thrown for an answer that is not HTTP, or longer than any that is expected. */
export class AnswerError extends Error {
  constructor(
    readonly code: 'MALFORMED_ANSWER' | 'ANSWER_TOO_LARGE',
    message: string,
  ) {
    super(message);
    this.name = 'AnswerError';
  }
}

type Head = Omit<HttpAnswer, 'body'> & {
  /** Bytes of the body; `chunked`; null: all that comes until the connection is closed. */
  readonly length: number | 'chunked' | null;
};

const NO_BYTES = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;
const LENGTH = /^\d{1,9}$/;
const CHUNK_LENGTH = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i;
const KEPT_FOR = /(?:^|[,;\s])timeout=(\d{1,6})/i;

/** Reads one answer from the pieces in which it arrives. Most arrive in one. */
export class AnswerReader {
  readonly #largest: number;
  #bytes: Buffer = NO_BYTES;
  #head: Head | null = null;
  /** Where in the bytes what was not understood yet begins. */
  #at = 0;
  /** Begin and end of each chunk among the bytes. */
  #chunks: (readonly [number, number])[] | null = null;

  /** @param largest bytes of head and body together at most */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Takes what arrived; its bytes are the caller's again when this returns. Answers null while there is more to come. Throws AnswerError. */
  push(piece: Buffer): HttpAnswer | null {
    const isFirst = this.#bytes.length === 0;
    this.#bytes = isFirst ? piece : Buffer.concat([this.#bytes, piece]);
    const answer = this.#read();
    if (answer === null && isFirst) this.#bytes = Buffer.from(piece);
    return answer;
  }

  #read(): HttpAnswer | null {
    if (this.#bytes.length > this.#largest) {
      throw new AnswerError('ANSWER_TOO_LARGE', 'The answer is larger than any the venue gives');
    }
    while (this.#head === null) {
      const end = this.#bytes.indexOf(HEAD_END, this.#at);
      if (end === -1) {
        // What does not even begin as HTTP is not waited for.
        if (!couldBegin(this.#bytes, this.#at)) throw malformed('is not HTTP');
        return null;
      }
      const head = parseHead(this.#bytes.toString('latin1', this.#at, end));
      this.#at = end + HEAD_END.length;
      // Interim answers: the one that counts follows.
      if (head.status >= 200) this.#head = head;
      else if (head.status === 101) throw malformed('changes the protocol');
    }
    return this.#readBody(this.#head);
  }

  /** The connection was closed by the other side. Answers what is complete by that; null: it broke off. */
  end(): HttpAnswer | null {
    const head = this.#head;
    return head !== null && head.length === null ? answer(head, this.#bytes.toString('utf8', this.#at)) : null;
  }

  #readBody(head: Head): HttpAnswer | null {
    const { length } = head;
    if (length === null) return null;
    if (length === 'chunked') return this.#readChunks(head);
    const end = this.#at + length;
    if (end > this.#largest) {
      throw new AnswerError('ANSWER_TOO_LARGE', 'The answer is larger than any the venue gives');
    }
    if (this.#bytes.length < end) return null;
    return answer(this.#alone(head, end), this.#bytes.toString('utf8', this.#at, end));
  }

  #readChunks(head: Head): HttpAnswer | null {
    for (;;) {
      const lineEnd = this.#bytes.indexOf('\r\n', this.#at);
      if (lineEnd === -1) return null;
      const hex = CHUNK_LENGTH.exec(this.#bytes.toString('latin1', this.#at, lineEnd))?.[1];
      if (hex === undefined) throw malformed('has a chunk without a length');
      const length = Number.parseInt(hex, 16);
      if (length === 0) return this.#readTrailers(head, lineEnd);
      const begin = lineEnd + 2;
      const end = begin + length;
      if (end > this.#largest) {
        throw new AnswerError('ANSWER_TOO_LARGE', 'The answer is larger than any the venue gives');
      }
      if (this.#bytes.length < end + 2) return null;
      if (this.#bytes[end] !== 0x0d || this.#bytes[end + 1] !== 0x0a) throw malformed('has a chunk without an end');
      this.#chunks ??= [];
      this.#chunks.push([begin, end]);
      this.#at = end + 2;
    }
  }

  /** What follows an answer was not asked for: the connection is of no more use. */
  #alone(head: Head, end: number): Head {
    return this.#bytes.length > end ? { ...head, keptForMs: 0 } : head;
  }

  /** @param lineEnd of the last chunk's line, whose end and an empty line after it end the trailers */
  #readTrailers(head: Head, lineEnd: number): HttpAnswer | null {
    const end = this.#bytes.indexOf(HEAD_END, lineEnd);
    if (end === -1) return null;
    const chunks = (this.#chunks ?? []).map(([begin, end]) => this.#bytes.subarray(begin, end));
    return answer(this.#alone(head, end + HEAD_END.length), Buffer.concat(chunks).toString());
  }
}

function answer({ status, retryAfter, keptForMs }: Head, body: string): HttpAnswer {
  return { status, retryAfter, keptForMs, body };
}

function couldBegin(bytes: Buffer, at: number): boolean {
  const begin = 'HTTP/1.';
  const there = bytes.toString('latin1', at, at + begin.length);
  return begin.startsWith(there);
}

function malformed(what: string): AnswerError {
  return new AnswerError('MALFORMED_ANSWER', `The answer ${what}`);
}

function parseHead(text: string): Head {
  let lineEnd = text.indexOf('\r\n');
  const statusLine = STATUS_LINE.exec(lineEnd === -1 ? text : text.slice(0, lineEnd));
  if (statusLine === null) throw malformed('is not HTTP');
  const status = Number(statusLine[2]);
  let length: Head['length'] = null;
  let retryAfter: string | null = null;
  let keptForMs: number | null = statusLine[1] === '0' ? 0 : null;
  while (lineEnd !== -1) {
    const begin = lineEnd + 2;
    lineEnd = text.indexOf('\r\n', begin);
    const colon = text.indexOf(':', begin);
    const end = lineEnd === -1 ? text.length : lineEnd;
    // A folded line continues another one: nobody writes them any more, and proxies read them differently.
    if (colon <= begin || colon > end || isBlank(text.charCodeAt(begin)) || isBlank(text.charCodeAt(colon - 1))) {
      throw malformed('has a header without a name');
    }
    // Most headers are of no interest, which their length tells.
    switch (colon - begin) {
      case 10: {
        const name = text.slice(begin, colon).toLowerCase();
        if (name === 'connection' && /\bclose\b/i.test(text.slice(colon + 1, end))) keptForMs = 0;
        else if (name === 'keep-alive') {
          const seconds = KEPT_FOR.exec(text.slice(colon + 1, end))?.[1];
          if (seconds !== undefined && keptForMs !== 0) keptForMs = Number(seconds) * 1000;
        }
        break;
      }
      case 11:
        if (text.slice(begin, colon).toLowerCase() === 'retry-after') retryAfter = text.slice(colon + 1, end).trim();
        break;
      case 14: {
        if (text.slice(begin, colon).toLowerCase() !== 'content-length') break;
        const value = text.slice(colon + 1, end).trim();
        if (!LENGTH.test(value)) throw malformed('has no readable length');
        if (length !== null && length !== Number(value)) throw malformed('has two lengths');
        length = Number(value);
        break;
      }
      case 17:
        if (text.slice(begin, colon).toLowerCase() !== 'transfer-encoding') break;
        if (
          length !== null ||
          text
            .slice(colon + 1, end)
            .trim()
            .toLowerCase() !== 'chunked'
        ) {
          throw malformed('has two lengths, or is encoded');
        }
        length = 'chunked';
        break;
      default:
    }
  }
  // These have no body, whatever they say about it.
  if (status === 204 || status === 304) length = 0;
  else if (length === null) keptForMs = 0;
  return { status, retryAfter, keptForMs, length };
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
