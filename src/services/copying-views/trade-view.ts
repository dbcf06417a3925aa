import type { TradeView } from '@/contracts/api/copying';
import { averagePrice } from '@/domain/average-price';
import { OUTSIDE_CODES, type OutsideCode } from '@/domain/closed-outside';
import { type Dec, dec, quantize, toText } from '@/domain/decimal';
import { type DenialLocale, denialSentence } from '@/domain/denial-text';
import { orderNote } from '@/domain/order-note-text';
import type { TradeStatus } from '@/domain/order-state';
import { outsideSentence } from '@/domain/outside-text';
import { DENIAL_CODES, type DenialCode } from '@/domain/risk/codes';
import { venueSentence } from '@/domain/venue-code-text';
import { Prisma } from '@/platform/database/database';
import { decimalText, optionalDecimalText, optionalTimeText, parsedJson, timeText } from '../view-fields';

type DecimalColumn = { toString(): string };

/** A trade joined with the names that its view shows. */
export type TradeRow = {
  id: string;
  signalId: string;
  strategyId: string;
  strategyName: string | null;
  subscriptionId: string;
  customerId: string;
  customerName: string | null;
  accountId: string;
  symbol: string;
  contractValue: DecimalColumn;
  leg: TradeView['leg'];
  side: TradeView['side'];
  positionSide: TradeView['positionSide'];
  reduceOnly: boolean | number;
  orderType: TradeView['orderType'];
  limitPrice: DecimalColumn | null;
  leverage: DecimalColumn;
  quantity: DecimalColumn;
  decisionPrice: DecimalColumn | null;
  status: TradeStatus;
  code: string | null;
  detail: unknown;
  venueOrderId: string | null;
  filledQuantity: DecimalColumn;
  filledValue: DecimalColumn;
  fee: DecimalColumn;
  realizedPnl: DecimalColumn;
  createdAt: Date;
  sentAt: Date | null;
  ackedAt: Date | null;
  filledAt: Date | null;
};

/** Columns of Trade `t` that every view needs. */
export const TRADE_COLUMNS = Prisma.sql`t.id, t.signalId, t.strategyId, t.subscriptionId, t.customerId, t.accountId,
  t.instrumentId, t.leg, t.side, t.positionSide, t.reduceOnly, t.orderType, t.limitPrice, t.leverage, t.quantity,
  t.decisionPrice, t.status, t.code, t.detail, t.venueOrderId, t.filledQuantity, t.filledValue, t.fee, t.realizedPnl,
  t.createdAt, t.sentAt, t.ackedAt, t.filledAt`;

/** Names for the rows of a derived table `t` with the columns above. */
export const TRADE_NAMES = Prisma.sql`s.name AS strategyName, c.name AS customerName, i.symbol, i.contractValue`;
export const TRADE_JOINS = Prisma.sql`JOIN \`Instrument\` i ON i.id = t.instrumentId
  LEFT JOIN \`Strategy\` s ON s.id = t.strategyId
  LEFT JOIN \`Customer\` c ON c.id = t.customerId`;

/** (average fill ÷ price at decision − 1), signed so that positive is worse for the customer; a fraction. */
export function slippageOf(side: 'buy' | 'sell', average: Dec | null, decisionPrice: Dec | null): Dec | null {
  if (average === null || decisionPrice === null || decisionPrice.isZero()) return null;
  const move = average.div(decisionPrice).minus(1);
  return quantize(side === 'buy' ? move : move.neg());
}

export function toTradeView(row: TradeRow, locale: DenialLocale): TradeView {
  const contractValue = dec(row.contractValue.toString());
  const quantity = dec(row.quantity.toString());
  const average = averagePrice({ contractValue }, dec(row.filledQuantity.toString()), dec(row.filledValue.toString()));
  const decisionPrice = row.decisionPrice === null ? null : dec(row.decisionPrice.toString());
  const slippage = slippageOf(row.side, average, decisionPrice);
  return {
    id: row.id,
    signalId: row.signalId,
    strategyId: row.strategyId,
    strategyName: row.strategyName ?? '',
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    customerName: row.customerName ?? '',
    accountId: row.accountId,
    symbol: row.symbol,
    leg: row.leg,
    side: row.side,
    positionSide: row.positionSide,
    reduceOnly: Boolean(row.reduceOnly),
    orderType: row.orderType,
    limitPrice: optionalDecimalText(row.limitPrice),
    leverage: decimalText(row.leverage),
    quantity: toText(quantity),
    quantityBase: toText(quantity.times(contractValue)),
    status: row.status,
    code: row.code,
    reason: reasonOf(row.code, parsedJson(row.detail), locale),
    venueMessage: row.code === null ? null : (textFields(parsedJson(row.detail)).message ?? null),
    clientOrderId: row.id,
    venueOrderId: row.venueOrderId,
    filledQuantity: decimalText(row.filledQuantity),
    averagePrice: average === null ? null : toText(average),
    fee: decimalText(row.fee),
    realizedPnl: decimalText(row.realizedPnl),
    slippage: slippage === null ? null : toText(slippage),
    createdAt: timeText(row.createdAt),
    sentAt: optionalTimeText(row.sentAt),
    ackedAt: optionalTimeText(row.ackedAt),
    filledAt: optionalTimeText(row.filledAt),
  };
}

/** What a code says, in a sentence with its numbers; the venue's own words, or the bare code, only where there is none in the reader's language. */
export function reasonOf(code: string | null, detail: unknown, locale: DenialLocale): string | null {
  if (code === null) return null;
  const numbers = textFields(detail);
  // With somebody's own words it is an attempt that failed, not the end.
  if (numbers.message === undefined && isDenialCode(code)) return denialSentence(code, numbers, locale);
  if (isOutsideCode(code)) return outsideSentence(code, locale);
  const words = orderNote(code, numbers, locale) ?? venueSentence(code, locale);
  return words ?? (locale === 'en' ? (numbers.message ?? code) : null);
}

function isDenialCode(code: string): code is DenialCode {
  return (DENIAL_CODES as readonly string[]).includes(code);
}

function isOutsideCode(code: string): code is OutsideCode {
  return (OUTSIDE_CODES as readonly string[]).includes(code);
}

function textFields(detail: unknown): Record<string, string> {
  if (detail === null || typeof detail !== 'object') return {};
  return Object.fromEntries(
    Object.entries(detail).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
