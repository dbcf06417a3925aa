import type { Side } from './model';

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}
