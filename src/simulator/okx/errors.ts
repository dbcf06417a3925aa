import { Refusal, type RefusalReason } from '../engine/refusal';

/**
 * OKX v5 error codes this venue answers with: HTTP status and text as documented. `{0}`, `{1}` are filled by the caller.
 */
const ERRORS = {
  '50000': [400, 'Body for POST request cannot be empty.'],
  '50001': [503, 'Service temporarily unavailable. Please try again later.'],
  '50002': [400, 'JSON syntax error'],
  '50004': [
    400,
    'API endpoint request timeout. (does not mean that the request was successful or failed, please check the request result).',
  ],
  '50006': [400, 'Invalid Content-Type. Please use "application/JSON".'],
  '50011': [429, 'Too Many Requests'],
  '50013': [429, 'Systems are busy. Please try again later.'],
  '50014': [400, 'Parameter {0} can not be empty.'],
  '50015': [400, 'Either parameter {0} or {1} is required'],
  '50026': [500, 'System error. Try again later'],
  '50036': [200, "The expTime can't be earlier than the current system time. Please adjust the expTime and try again."],
  '50037': [200, 'Order expired.'],
  '50061': [200, "You've reached the maximum order rate limit for this account."],
  '50072': [
    200,
    'Isolated margin mode is no longer supported in multi-currency margin mode and portfolio margin mode.',
  ],
  '50101': [401, 'APIKey does not match current environment.'],
  '50102': [401, 'Timestamp request expired'],
  '50103': [401, 'Request header OK-ACCESS-KEY can not be empty.'],
  '50104': [401, 'Request header OK-ACCESS-PASSPHRASE can not be empty.'],
  '50105': [401, 'Request header OK-ACCESS-PASSPHRASE incorrect.'],
  '50106': [401, 'Request header OK-ACCESS-SIGN can not be empty.'],
  '50107': [401, 'Request header OK-ACCESS-TIMESTAMP can not be empty.'],
  '50110': [401, "Your IP {0} is not included in your API key's IP whitelist."],
  '50111': [401, 'Invalid OK-ACCESS-KEY'],
  '50112': [401, 'Invalid OK-ACCESS-TIMESTAMP'],
  '50113': [401, 'Invalid Sign'],
  '50114': [401, 'Invalid authorization.'],
  '50115': [405, 'Invalid request method.'],
  '50120': [200, "This API key doesn't have permission to use this function"],
  '51000': [400, 'Parameter {0} error'],
  '51001': [200, "Instrument ID, Instrument ID code or Spread ID doesn't exist."],
  '51003': [200, 'Either client order ID or order ID is required.'],
  '51005': [200, 'Your order amount exceeds the max order amount.'],
  '51006': [200, 'Order price is not within the price limit (max buy price: {0} , min sell price: {1} )'],
  '51008': [200, 'Order failed. Insufficient USDT margin in account'],
  '51010': [200, 'Request unsupported under current account mode'],
  '51016': [200, 'Client order ID already exists.'],
  '51020': [200, 'Your order should meet or exceed the minimum order amount.'],
  '51022': [200, 'Contract suspended.'],
  '51029': [200, 'Contract is being settled.'],
  '51023': [200, "Position doesn't exist."],
  '51025': [200, 'Order count exceeds the limit.'],
  '51046': [200, 'The take profit trigger price must be higher than the order price'],
  '51047': [200, 'The stop loss trigger price must be lower than the order price'],
  '51048': [200, 'The take profit trigger price must be lower than the order price'],
  '51049': [200, 'The stop loss trigger price must be higher than the order price'],
  '51050': [200, 'The take profit trigger price must be higher than the best ask price'],
  '51051': [200, 'The stop loss trigger price must be lower than the best ask price'],
  '51052': [200, 'The take profit trigger price must be lower than the best bid price'],
  '51053': [200, 'The stop loss trigger price must be higher than the best bid price'],
  '51068': [200, '{0} already exists within algoClOrdId and attachAlgoClOrdId.'],
  '51070': [
    200,
    'You do not meet the requirements for switching to this account mode. Please upgrade the account mode on the OKX website or App',
  ],
  '51071': [200, "You've reached the maximum limit for tag level cancel all after timers."],
  '51088': [200, 'You can only place 1 TP/SL order to close an entire position'],
  '51108': [200, 'Positions exceed the limit for closing out with the market price.'],
  '51111': [200, 'Maximum 20 orders can be placed in bulk.'],
  '51112': [200, 'Close order size exceeds available size for this position.'],
  '51115': [429, 'Cancel all pending close-orders before liquidation.'],
  '51121': [200, 'Order quantity must be a multiple of the lot size.'],
  '51149': [500, 'Order timed out. Please try again later.'],
  '51150': [200, 'The precision of the number of trades or the price exceeds the limit.'],
  '51169': [
    200,
    "Order failed because you don't have any positions in this direction for this contract to reduce or close.",
  ],
  '51170': [
    200,
    'Failed to place order. A reduce-only order can’t be the same trading direction as your existing positions.',
  ],
  '51174': [200, 'Order failed, number of pending orders for {0} exceed the limit of {1}.'],
  '51202': [200, 'Market order amount exceeds the maximum amount.'],
  '51205': [200, 'Reduce Only is not available.'],
  '51277': [200, 'TP trigger price cannot be higher than the last price.'],
  '51278': [200, 'SL trigger price cannot be lower than the last price.'],
  '51279': [200, 'TP trigger price cannot be lower than the last price.'],
  '51280': [200, 'SL trigger price cannot be higher than the last price.'],
  '51300': [200, 'TP trigger price cannot be higher than the mark price'],
  '51302': [200, 'SL trigger price cannot be lower than the mark price'],
  '51303': [200, 'TP trigger price cannot be lower than the mark price'],
  '51304': [200, 'SL trigger price cannot be higher than the mark price'],
  '51305': [200, 'TP trigger price cannot be higher than the index price'],
  '51306': [200, 'SL trigger price cannot be lower than the index price'],
  '51307': [200, 'TP trigger price cannot be lower than the index price'],
  '51308': [200, 'SL trigger price cannot be higher than the index price'],
  '51328': [200, 'closeFraction is only available for reduceOnly orders'],
  '51329': [200, 'closeFraction is only available in NET mode'],
  '51400': [200, 'Order cancellation failed as the order has been filled, canceled or does not exist.'],
  '51500': [200, 'You must enter a price, quantity, or TP/SL'],
  '51501': [400, 'Maximum 20 orders can be modified.'],
  '51503': [200, 'Your order has already been filled or canceled.'],
  '51511': [200, 'Modification failed as the order price did not meet the requirement for Post Only.'],
  '51530': [
    200,
    'Order modification unsuccessful. Take profit/Stop loss conditions cannot be added to or removed from reduce-only orders.',
  ],
  '51603': [200, 'Order does not exist'],
  '59000': [200, 'Settings failed. Close any open positions or orders before modifying settings.'],
  '59101': [
    200,
    "Leverage can't be modified. Please cancel all pending isolated margin orders before adjusting the leverage.",
  ],
  '59102': [200, 'Leverage exceeds the maximum limit. Please lower the leverage.'],
  '59105': [400, "Leverage can't be less than 1. Please increase the leverage."],
  '59107': [
    200,
    "Leverage can't be modified. Please cancel all pending cross-margin orders before adjusting the leverage.",
  ],
  '59108': [200, 'Your account leverage is too low and has insufficient margins. Please increase the leverage.'],
  '59132': [
    200,
    'Unable to switch. Please close or cancel all open orders and refer to the pre-check endpoint to stop any incompatible bots.',
  ],
  '59134': [200, 'Unable to switch. Refer to the pre-check endpoint and close any incompatible positions.'],
  '59668': [
    200,
    'Cancel isolated margin TP/SL, trailing, trigger, and chase orders or stop bots before adjusting your leverage.',
  ],
  '59669': [
    200,
    'Cancel cross-margin TP/SL, trailing, trigger, and chase orders or stop bots before adjusting your leverage.',
  ],
  '60004': [200, 'Invalid timestamp'],
  '60006': [200, 'Timestamp request expired'],
  '60009': [200, 'Login failed.'],
  '60011': [200, 'Please log in'],
  '60012': [200, 'Invalid request: {0}'],
  '60013': [200, 'Invalid args'],
  '60018': [
    200,
    "Wrong URL or {0} doesn't exist. Please use the correct URL, channel and parameters referring to API document.",
  ],
  '60019': [200, 'Invalid op: {0}'],
  '60028': [
    200,
    'The current operation is not supported by this URL. Please use the correct WebSocket URL for the operation.',
  ],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrorCode = keyof typeof ERRORS;

/** The documented text of a code, its places filled. */
export function errorText(code: ErrorCode, ...values: readonly string[]): string {
  return ERRORS[code][1].replace(/\{(\d)\}/g, (_, place: string) => values[Number(place)] ?? '');
}

/** The HTTP status a code travels with when it is the code of the whole answer. */
export function errorStatus(code: string): number {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode][0] : 200;
}

/** Text for a code that comes from outside (a fault rule): the documented one where known. */
export function knownErrorText(code: string): string {
  return Object.hasOwn(ERRORS, code) ? errorText(code as ErrorCode) : '';
}

/** A refusal of a request, or of one row of a batch. `code` and `message` are what the client sees. */
export class VenueError extends Error {
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    ...values: readonly string[]
  ) {
    super(errorText(code, ...values));
    this.status = ERRORS[code][0];
  }
}

/** A price that the market has passed: the code depends on the price it was compared with. */
const PASSED: Readonly<Record<PassedReason, Readonly<Record<string, ErrorCode>>>> = {
  'take-profit-too-high': { last: '51277', mark: '51300', index: '51305' },
  'stop-loss-too-low': { last: '51278', mark: '51302', index: '51306' },
  'take-profit-too-low': { last: '51279', mark: '51303', index: '51307' },
  'stop-loss-too-high': { last: '51280', mark: '51304', index: '51308' },
};

type PassedReason = 'take-profit-too-high' | 'stop-loss-too-low' | 'take-profit-too-low' | 'stop-loss-too-high';

/** What OKX answers where the engine refuses. */
const REFUSALS: Readonly<Record<Exclude<RefusalReason, PassedReason>, ErrorCode>> = {
  'below-minimum': '51020',
  'not-a-multiple-of-the-lot': '51121',
  'above-maximum': '51005',
  'above-market-maximum': '51202',
  'price-off-tick': '51150',
  'price-outside-limits': '51006',
  'duplicate-client-id': '51016',
  'too-many-orders': '51025',
  'too-many-orders-of-instrument': '51174',
  'nothing-to-reduce': '51169',
  'adds-to-position': '51170',
  'closes-more-than-available': '51112',
  'insufficient-margin': '51008',
  'order-is-over': '51503',
  'would-take': '51511',
  'duplicate-trigger-id': '51068',
  'second-close-trigger': '51088',
  'too-many-triggers': '51025',
  'halves-are-fixed': '51530',
  suspended: '51022',
  settling: '51029',
  delisted: '51001',
  'no-position': '51023',
  'too-large-to-close-at-market': '51108',
  'closing-orders-wait': '51115',
  'leverage-too-high': '59102',
  'leverage-too-low': '59105',
  'leverage-needs-margin': '59108',
  'cross-orders-use-leverage': '59107',
  'isolated-orders-use-leverage': '59101',
  'cross-triggers-use-leverage': '59669',
  'isolated-triggers-use-leverage': '59668',
  'account-in-use': '59000',
  'not-at-this-level': '51010',
  'no-isolated-margin': '50072',
  'no-reduce-only': '51205',
  'orders-keep-level': '59132',
  'positions-keep-level': '59134',
  'level-not-allowed': '51070',
};

export function refusalCode(reason: RefusalReason | '', values: readonly string[] = []): ErrorCode | '' {
  if (reason === '') return '';
  return isPassed(reason) ? (PASSED[reason][values[0] ?? ''] ?? PASSED[reason].last ?? '') : REFUSALS[reason];
}

function isPassed(reason: RefusalReason): reason is PassedReason {
  return Object.hasOwn(PASSED, reason);
}

/** What a client is told of an error: undefined where it is none of the client's doing. */
export function venueErrorOf(error: unknown): VenueError | undefined {
  if (error instanceof VenueError) return error;
  if (!(error instanceof Refusal)) return undefined;
  const code = refusalCode(error.reason, error.values);
  return code === '' ? undefined : new VenueError(code, ...error.values);
}
