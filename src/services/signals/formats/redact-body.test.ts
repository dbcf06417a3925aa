import { describe, expect, it } from 'vitest';
import { redactBody } from './redact-body';

const CASES: readonly (readonly [body: string, kept: string])[] = [
  // JSON, and what was meant as JSON
  ['{"secret":"a\\"b","amount":1,"signalToken" : "x"}', '{"secret":"***","amount":1,"signalToken" : "***"}'],
  ['{"api_key":123,"secret":"abc', '{"api_key":"***","secret":"***"'],
  ['{"a":[{"Secret":1},{"b":2}]}', '{"a":[{"Secret":"***"},{"b":2}]}'],
  ['{"secret":["a","b"],"action":"buy"}', '{"secret":"***","action":"buy"}'],
  ['{"secret":{"value":"a}b"},"action":"buy"}', '{"secret":"***","action":"buy"}'],
  ['{"secret":abc,"action":"buy"}', '{"secret":"***","action":"buy"}'],
  ['{"secret":"ab\\', '{"secret":"***"'],
  ["{'secret':'TOPSECRET8','action':'buy'}", "{'secret':'***','action':'buy'}"],
  ["{'secret':'TOP'SECRET8','action':'buy'}", "{'secret':'***','action':'buy'}"],
  ['{secret:TOPSECRET,action:buy}', '{secret:***,action:buy}'],
  // names that are escaped
  ['{"s\\u0065cret":"TOPSECRET7","action":"buy"}', '{"s\\u0065cret":"***","action":"buy"}'],
  ['{"\\u0053\\u0045CRET":"TOPSECRET7"}', '{"\\u0053\\u0045CRET":"***"}'],
  ['{"api\\u005Fkey":"TOPSECRET7"}', '{"api\\u005Fkey":"***"}'],
  ['{"\\x73ecret":"TOPSECRET7"}', '{"\\x73ecret":"***"}'],
  // JSON in a string of JSON
  [
    '{"m":"{\\"secret\\":\\"TOP\\\\\\"SECRET\\",\\"action\\":\\"buy\\"}"}',
    '{"m":"{\\"secret\\":\\"***\\",\\"action\\":\\"buy\\"}"}',
  ],
  ['{"m":"{\\u0022secret\\u0022:\\u0022TOP\\u0022}"}', '{"m":"{\\u0022secret\\u0022:\\u0022***\\u0022}"}'],
  ['{"m":"secret=TOPSECRET","action":"buy"}', '{"m":"secret=***","action":"buy"}'],
  // forms
  ['secret=TOPSECRET4&action=buy', 'secret=***&action=buy'],
  ['action=buy&s%65cret=TOP,SECRET;4', 'action=buy&s%65cret=***'],
  ['secret=TOP"SECRET&action=buy', 'secret=***&action=buy'],
  ['secret=&action=buy', 'secret=&action=buy'],
  ['p=%7B%22secret%22%3A%22TOP%22%2C%22a%22%3A1%7D', 'p=%7B%22secret%22%3A%22***%22%2C%22a%22%3A1%7D'],
  ['name="secret"\r\n\r\nTOPSECRET\r\n--x', 'name="secret"\r\n\r\n"***"\r\n--x'],
  // text
  ['secret: TOPSECRET12 buy', 'secret: *** buy'],
  ['secret = TOPSECRET12; action = buy', 'secret = ***; action = buy'],
  ['buy BTC, API key: TOPSECRET, size 1', 'buy BTC, API key: ***, size 1'],
  ["'password' => 'TOPSECRET',", "'password' => '***',"],
  ['<secret>TOPSECRET</secret>', '<secret>***</secret>'],
  ['access_token:TOPSECRET', 'access_token:***'],
  ['client-secret=TOPSECRET\naction=buy', 'client-secret=***\naction=buy'],
  // nothing of it is a secret
  ['{"tokens":3,"action":"buy"}', '{"tokens":3,"action":"buy"}'],
  ['the secret of success: buy', 'the secret of success: buy'],
  ['{"id":"1","instrument":"BTC-USDT-SWAP"}', '{"id":"1","instrument":"BTC-USDT-SWAP"}'],
];

const names = [
  'secret',
  'Secret',
  'token',
  'signalToken',
  'passphrase',
  'password',
  'apiKey',
  'api_secret',
  'secretKey',
];

describe('redactBody', () => {
  it.each(CASES)('keeps %s as %s', (body, kept) => {
    expect(redactBody(body)).toBe(kept);
    // What is kept is looked through again by nobody, but nothing may hide behind a mark.
    expect(redactBody(kept)).toBe(kept);
  });

  it.each(names)('knows the name %s in every kind of body', (name) => {
    for (const body of [`{"${name}":"HIDDEN"}`, `{'${name}':'HIDDEN'}`, `${name}=HIDDEN&a=1`, `${name}: HIDDEN buy`]) {
      expect(redactBody(body)).not.toContain('HIDDEN');
    }
  });

  it.each([
    '\\',
    'secret',
    'secret ',
    'secret"',
    'secret=',
    'secret:[',
    'secret:{"',
    'secret=,',
    'secret=}',
    'secret:\\"',
    'secret%22',
    'api_',
    'secret\n',
    ',a',
    '\\u0073',
    ' ',
  ])('takes time in proportion to a body of %j', (piece) => {
    const body = piece.repeat(Math.ceil(65_536 / piece.length));
    const start = performance.now();
    for (const before of ['', 'secret=', 'secret="', 'secret']) redactBody(before + body);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
