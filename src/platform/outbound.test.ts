import { describe, expect, it } from 'vitest';
import { checkOutboundUrl, classifyAddress, type OutboundPolicy } from './outbound';

const STRICT: OutboundPolicy = { hosts: ['oapi.dingtalk.com'], allowPrivate: false };
const DEMO: OutboundPolicy = { ...STRICT, allowPrivate: true };

describe('checkOutboundUrl', () => {
  it('lets the known host through', () => {
    expect(checkOutboundUrl('https://oapi.dingtalk.com/robot/send?access_token=x', STRICT).hostname).toBe(
      'oapi.dingtalk.com',
    );
  });

  it.each([
    ['not an address', 'URL_INVALID'],
    ['http://oapi.dingtalk.com/robot/send', 'URL_SCHEME'],
    ['ftp://oapi.dingtalk.com/', 'URL_SCHEME'],
    ['https://someone:word@oapi.dingtalk.com/', 'URL_CREDENTIALS'],
    ['https://oapi.dingtalk.com.example.org/', 'URL_HOST'],
    ['https://oapi.dingtalk.com:8443/', 'URL_HOST'],
    ['https://93.184.216.34/', 'URL_HOST'],
    ['https://127.0.0.1/', 'ADDRESS_PRIVATE'],
    ['https://localhost/', 'ADDRESS_PRIVATE'],
    ['https://metadata.google.internal/', 'ADDRESS_PRIVATE'],
    ['https://2130706433/', 'ADDRESS_PRIVATE'],
    ['https://0x7f.1/', 'ADDRESS_PRIVATE'],
    ['https://[::1]/', 'ADDRESS_PRIVATE'],
    ['https://[::ffff:10.0.0.1]/', 'ADDRESS_PRIVATE'],
    ['https://169.254.169.254/latest/meta-data', 'ADDRESS_PRIVATE'],
  ])('refuses %s', (url, code) => {
    expect(() => checkOutboundUrl(url, STRICT)).toThrow(expect.objectContaining({ code }));
  });

  it('opens loopback and private literals for the demo, over http too', () => {
    expect(checkOutboundUrl('http://127.0.0.1:4000/robot/send', DEMO).port).toBe('4000');
    expect(checkOutboundUrl('http://localhost:4000/', DEMO).hostname).toBe('localhost');
    expect(checkOutboundUrl('http://192.168.1.9/', DEMO).hostname).toBe('192.168.1.9');
    expect(checkOutboundUrl('http://simulator:3100/', DEMO).hostname).toBe('simulator');
    expect(checkOutboundUrl('http://robot.internal/', DEMO).hostname).toBe('robot.internal');
  });

  it('keeps the metadata address and unknown hosts closed for the demo', () => {
    expect(() => checkOutboundUrl('http://169.254.169.254/', DEMO)).toThrow(
      expect.objectContaining({ code: 'URL_SCHEME' }),
    );
    expect(() => checkOutboundUrl('https://169.254.169.254/', DEMO)).toThrow(
      expect.objectContaining({ code: 'ADDRESS_PRIVATE' }),
    );
    expect(() => checkOutboundUrl('https://example.org/', DEMO)).toThrow(expect.objectContaining({ code: 'URL_HOST' }));
  });

  it('names no part of the address in its message', () => {
    expect(() => checkOutboundUrl('https://example.org/?access_token=canary', STRICT)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('canary') }),
    );
  });
});

describe('classifyAddress', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['fd00::1', 'private'],
    ['fe80::1', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['64:ff9b::a00:1', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['text', 'forbidden'],
  ])('%s is %s', (address, kind) => {
    expect(classifyAddress(address)).toBe(kind);
  });
});
