import { findInstrument } from '../engine/instruments';
import { findBar } from './bars';
import { VenueError } from './errors';
import type { StreamPath } from './stream-session';

type Access = 'public' | 'private';

interface Channel {
  readonly path: StreamPath;
  readonly access: Access;
  /** The argument that must be there. */
  readonly needs: 'instId' | 'instType' | 'nothing';
}

const PUBLIC = '/ws/v5/public';
const PRIVATE = '/ws/v5/private';
const BUSINESS = '/ws/v5/business';

const CHANNELS: Readonly<Record<string, Channel>> = {
  tickers: { path: PUBLIC, access: 'public', needs: 'instId' },
  trades: { path: PUBLIC, access: 'public', needs: 'instId' },
  books: { path: PUBLIC, access: 'public', needs: 'instId' },
  books5: { path: PUBLIC, access: 'public', needs: 'instId' },
  'bbo-tbt': { path: PUBLIC, access: 'public', needs: 'instId' },
  'mark-price': { path: PUBLIC, access: 'public', needs: 'instId' },
  'price-limit': { path: PUBLIC, access: 'public', needs: 'instId' },
  'funding-rate': { path: PUBLIC, access: 'public', needs: 'instId' },
  instruments: { path: PUBLIC, access: 'public', needs: 'instType' },
  orders: { path: PRIVATE, access: 'private', needs: 'instType' },
  positions: { path: PRIVATE, access: 'private', needs: 'instType' },
  account: { path: PRIVATE, access: 'private', needs: 'nothing' },
  balance_and_position: { path: PRIVATE, access: 'private', needs: 'nothing' },
  fills: { path: PRIVATE, access: 'private', needs: 'nothing' },
  'orders-algo': { path: BUSINESS, access: 'private', needs: 'instType' },
};

/** The seconds-free bar name of a candle channel, such as 1m of candle1m. */
export function candleBar(channel: string): string | undefined {
  const name = channel.startsWith('candle') ? channel.slice(6) : '';
  return findBar(name) ? name : undefined;
}

function find(channel: string): Channel | undefined {
  if (candleBar(channel)) return { path: BUSINESS, access: 'public', needs: 'instId' };
  return Object.hasOwn(CHANNELS, channel) ? CHANNELS[channel] : undefined;
}

/** Checks what a client wants to listen to. Throws VenueError 60018 or 60012. Returns who may. */
export function checkSubscription(path: StreamPath, arg: Readonly<Record<string, string>>): Access {
  const channel = find(arg.channel ?? '');
  const wanted = Object.entries(arg)
    .map(([name, value]) => `${name}:${value}`)
    .join(',');
  if (!channel || channel.path !== path) throw new VenueError('60018', wanted);
  if (channel.needs === 'instId' && !findInstrument(arg.instId ?? '')) throw new VenueError('60018', wanted);
  if (channel.needs === 'instType' && !arg.instType) throw new VenueError('60018', wanted);
  if (arg.instId && !findInstrument(arg.instId)) throw new VenueError('60018', wanted);
  return channel.access;
}

/** Whether a private push about an instrument belongs to a subscription. */
export function covers(arg: Readonly<Record<string, string>>, instId: string): boolean {
  if (arg.instType && arg.instType !== 'ANY' && arg.instType !== 'SWAP') return false;
  if (arg.instId && arg.instId !== instId) return false;
  if (arg.instFamily && !instId.startsWith(`${arg.instFamily}-`)) return false;
  return true;
}
