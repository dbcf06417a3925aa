import { describe, expect, it } from 'vitest';
import { SIGNAL_FORMAT_KEYS } from '@/contracts/api/copying';
import { curlExample } from './examples';

const URL = 'https://copy.example.org/api/webhooks/token';
const example = { signed: false, symbol: 'ETH-USDT-SWAP', coins: '1' } as const;

/** What the shell makes of the single-quoted body. */
function bodyOf(command: string): unknown {
  const quoted = /(?:-d |BODY=)'(\{.*\})'/.exec(command)?.[1] ?? '';
  return JSON.parse(quoted.replace(/'"\$\(.*?\)"'/g, 'now'));
}

describe('curlExample', () => {
  it.each(SIGNAL_FORMAT_KEYS)('sends a JSON body of the format %s', (format) => {
    const command = curlExample({ ...example, format }, URL);
    expect(command).toContain(URL);
    expect(JSON.stringify(bodyOf(command))).toContain('ETH-USDT-SWAP');
  });

  it('signs timestamp and body where the source asks for it', () => {
    const command = curlExample({ ...example, format: 'native', signed: true }, URL);
    expect(bodyOf(command)).toMatchObject({ action: 'open', instrument: 'ETH-USDT-SWAP' });
    expect(command).toContain('X-Slipstream-Signature');
  });
});
