/*
 * Blanks secrets in text that nobody could read yet: JSON, broken JSON, a form, a sentence. It errs to blanking too much: what is left in
 * clear is shown to people. Time is linear in the text: every repetition below is bounded or can not be tried twice.
 */

const WORDS = ['secret', 'token', 'passphrase', 'password', 'passwd'];
const KEYED = ['api', 'secret', 'access', 'private'];

/** A character of a name: itself, or escaped as JSON, JavaScript or a form may escape it. */
function character(plain: string): string {
  const codes = [...new Set([plain.toLowerCase(), plain.toUpperCase()])].map((one) => one.charCodeAt(0).toString(16));
  const code = `(?:${codes.join('|')})`;
  return `(?:${plain}|\\\\{1,4}(?:u00|x)${code}|%${code})`;
}

function word(plain: string): string {
  return [...plain].map(character).join('');
}

const JOINT = `(?:${character('_')}|[- ])?`;
// The longer name first: "secret" is the beginning of "secret_key".
const NAME = `(?:(?:${KEYED.map(word).join('|')})${JOINT}${word('key')}|${WORDS.map(word).join('|')})`;
const QUOTE = `(?:\\\\{0,4}["']|\\\\{1,4}u002[27]|%2[27]|&(?:quot|#34|#39);)`;
const SPACE = '(?:\\s|\\+|%20|%0[AD])*';
const SEPARATOR = `(?:${SPACE}(?:[:=]{1,2}>?|%3[AD])|>|\\r?\\n\\r?\\n)`;

/** A secret's name and all that stands before its value: `"secret": `, `token=`, `'password' => `, a tag, a part of a multipart form. */
const BEFORE_VALUE = new RegExp(`${NAME}(${QUOTE})?${SEPARATOR}${SPACE}`, 'gi');
const OPENING_QUOTE = new RegExp(QUOTE, 'iy');

const STRING = { '"': /"(?:[^"\\]|\\[\s\S]?)*"?/y, "'": /'(?:[^'\\]|\\[\s\S]?)*'?/y };

/** Ends a bare value only where something that is no part of it follows. */
const FOLLOWS = `(?:[\\s,{}[\\]"'&\\\\]|$|[\\w.-]{1,40}["']?\\s{0,9}[:=])`;
const BARE = new RegExp(`(?:[^\\s&"',;<}\\]]|["',;}\\]](?!${FOLLOWS})|<(?!/))*`, 'y');

/** Where a match of a sticky expression ends that begins at `start`; `start` where it does not match. */
function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return start + (pattern.exec(text)?.[0].length ?? 0);
}

/** After the string that begins with an escaped or encoded quote; the text's end where it is not closed. */
function endOfEscaped(quote: string, text: string, start: number): number {
  let from = start + quote.length;
  for (;;) {
    const found = text.indexOf(quote, from);
    if (found === -1) return text.length;
    from = found + quote.length;
    if (text[found - 1] !== '\\') return from;
  }
}

/** After the list or object that begins at `start`; the text's end where it is not closed. */
function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const one = text[at];
    if (one === '"' || one === "'") {
      at = endOf(STRING[one], text, at);
      continue;
    }
    at += 1;
    if (one === '[' || one === '{') depth += 1;
    if (one === ']' || one === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return at;
}

type Value = { readonly end: number; readonly quote: string };

function valueAt(text: string, start: number): Value {
  const first = text[start];
  if (first === '"' || first === "'") {
    const closed = endOf(STRING[first], text, start);
    const end = endOf(BARE, text, closed);
    // A quote that stands in the value itself did not close it.
    return { end: end > closed && text[end] === first ? end + 1 : end, quote: first };
  }
  if (first === '[' || first === '{') return { end: endOf(BARE, text, endOfBrackets(text, start)), quote: '' };
  const quote = text.slice(start, endOf(OPENING_QUOTE, text, start));
  return quote === '' ? { end: endOf(BARE, text, start), quote } : { end: endOfEscaped(quote, text, start), quote };
}

/** The body with the values of secret fields blanked, for storage and logs, whatever the body is: JSON, broken JSON, a form, text. */
export function redactBody(rawBody: string): string {
  let redacted = '';
  let done = 0;
  BEFORE_VALUE.lastIndex = 0;
  for (let match = BEFORE_VALUE.exec(rawBody); match !== null; match = BEFORE_VALUE.exec(rawBody)) {
    const start = BEFORE_VALUE.lastIndex;
    const { end, quote } = valueAt(rawBody, start);
    if (end === start) continue;
    // A number becomes a string as its name is one, so that JSON stays JSON.
    const mark = quote === '' ? (match[1] ?? '') : quote;
    redacted += `${rawBody.slice(done, start)}${mark}***${mark}`;
    done = end;
    BEFORE_VALUE.lastIndex = end;
  }
  return redacted + rawBody.slice(done);
}
