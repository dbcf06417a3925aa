import { newId } from '@/platform/ids';
import { HUGE, type Poison } from './poison';
import { persist } from './sender';
import type { World } from './world';

/** What nobody else trades, so that the numbers sent there move nobody else's leader. */
const PLACE = 'SOL-USDT-SWAP';

/** What the source of the poison sends, one after the other, and whether it must be refused at the door. */
type PoisonMessage = { readonly refused: boolean; readonly fields: Readonly<Record<string, unknown>> };

const long = { instrument: PLACE, action: 'open', side: 'long' } as const;
const base = (value: string) => ({ unit: 'base', value });
const MESSAGES: readonly PoisonMessage[] = [
  { refused: false, fields: { ...long, quantity: base('10') } },
  { refused: true, fields: { ...long, quantity: base(HUGE) } },
  { refused: true, fields: { ...long, quantity: { unit: 'contracts', value: HUGE } } },
  { refused: true, fields: { ...long, quantity: base('1'), price: HUGE } },
  { refused: true, fields: { ...long, quantity: base('1'), leverage: HUGE } },
  { refused: true, fields: { ...long, quantity: base('1e400') } },
  // Within the door's bounds, and beyond everybody's.
  { refused: false, fields: { ...long, quantity: base('9999999999999999') } },
  { refused: false, fields: { ...long, quantity: { unit: 'contracts', value: '999999999' } } },
  { refused: false, fields: { ...long, action: 'target', quantity: base('9999999999999999') } },
  { refused: false, fields: { instrument: PLACE, action: 'close', side: 'long' } },
  // After all of it the lane goes on.
  { refused: false, fields: { ...long, quantity: base('10') } },
  { refused: false, fields: { instrument: PLACE, action: 'close', side: 'long' } },
];

/** Sends all of it. Fails where the door lets in what it must refuse, or refuses what is good. */
export async function sendPoison(world: World, { token }: Poison): Promise<void> {
  const url = `${world.web}/api/webhooks/${token}`;
  for (const { fields, refused } of MESSAGES) {
    const body = { version: 1, id: newId(), timestamp: new Date().toISOString(), maxLag: 240, ...fields };
    const { signalId, code } = await persist(url, JSON.stringify(body));
    if ((signalId === null) !== refused)
      throw new Error(`${JSON.stringify(fields)} was answered with ${signalId ?? code}`);
  }
}
