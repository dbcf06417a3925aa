import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer';
import { checkDingTalkUrl } from './sender';
import { signedUrl } from './sign';

describe('signedUrl', () => {
  it('signs as an independent computation does', () => {
    // printf '1700000000000\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64
    const url = signedUrl('https://oapi.dingtalk.com/robot/send?access_token=t', 'SECabc', 1_700_000_000_000);
    expect(url.searchParams.get('access_token')).toBe('t');
    expect(url.searchParams.get('timestamp')).toBe('1700000000000');
    expect(url.searchParams.get('sign')).toBe('jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM=');
    // Plus, slash and equals sign of base64 are encoded.
    expect(url.search.split('&sign=')[1]).not.toMatch(/[+/=]/);
  });
});

describe('readAnswer', () => {
  it.each([
    [200, '{"errcode":0,"errmsg":"ok"}', 'sent'],
    [200, '{"errcode":130101,"errmsg":"send too fast"}', 'rate_limited'],
    [200, '{"errcode":410100,"errmsg":"send too fast"}', 'rate_limited'],
    [429, '', 'rate_limited'],
    [200, '{"errcode":-1,"errmsg":"system busy"}', 'retry'],
    [200, '<html>gateway</html>', 'retry'],
    [503, '', 'retry'],
    [200, '{"errcode":310000,"errmsg":"keywords not in content"}', 'failed'],
    [200, '{"errcode":300005,"errmsg":"token is not exist"}', 'failed'],
    [200, '{"errcode":999999,"errmsg":"?"}', 'failed'],
    [302, '', 'failed'],
  ])('reads HTTP %i %s as %s', (status, body, kind) => {
    expect(readAnswer(status, body).kind).toBe(kind);
  });

  it('names the code and keeps the words', () => {
    expect(readAnswer(200, '{"errcode":310000,"errmsg":"sign not match"}')).toEqual({
      kind: 'failed',
      code: 'SECURITY_MISMATCH',
      message: '310000 sign not match',
    });
  });
});

describe('checkDingTalkUrl', () => {
  const policy = { hosts: ['oapi.dingtalk.com'], allowPrivate: false };
  it('takes a robot and nothing else', () => {
    checkDingTalkUrl('https://oapi.dingtalk.com/robot/send?access_token=x', policy);
    for (const url of [
      'https://oapi.dingtalk.com/robot/send',
      'https://example.org/?access_token=x',
      'http://127.0.0.1/',
    ]) {
      expect(() => checkDingTalkUrl(url, policy)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
    }
  });
});
