import type { Fields } from './fields';

const VENUE = /^[A-Za-z][A-Za-z0-9]*$/;

/** `tv_instrument`, with `tv_exchange` before it as TradingView writes it, so that a venue we know narrows the choice. */
export function readTradingViewSymbol(fields: Fields): string {
  const instrument = fields.requiredText('tv_instrument');
  const exchange = fields.text('tv_exchange');
  return exchange === null || instrument.includes(':') || !VENUE.test(exchange)
    ? instrument
    : `${exchange}:${instrument}`;
}

/** Without a time a repeat could not be told from a second signal that looks the same. */
export function readTimestamp(fields: Fields, receivedAt: number): number {
  return (
    fields.time('timestamp', receivedAt) ??
    fields.refuse('timestamp', '"timestamp" is missing; without it a repeat looks like a new signal. Send {{timenow}}.')
  );
}
