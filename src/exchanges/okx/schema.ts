import { z } from 'zod';

/**
 * What the adapter reads from OKX's payloads. All numbers are strings; an empty string means "none". Unknown members
 * are dropped, so that a new one at the venue breaks nothing. A number that none of our columns holds is no number.
 */
const numberText = z.string().regex(/^-?\d{1,18}(?:\.\d{1,60})?$/);
const optionalNumberText = z.union([numberText, z.literal('')]);
const timeText = z.string().regex(/^\d+$/);

export const orderSchema = z.object({
  instId: z.string().min(1),
  ordId: z.string().min(1),
  clOrdId: z.string(),
  // Set on the order that an algo order became, which has no clOrdId.
  algoClOrdId: z.string().default(''),
  state: z.enum(['live', 'partially_filled', 'filled', 'canceled', 'mmp_canceled']),
  accFillSz: optionalNumberText,
  avgPx: optionalNumberText,
  fee: optionalNumberText.default(''),
  cancelSource: z.string().default(''),
  category: z.string().default(''),
  lever: optionalNumberText.default(''),
  uTime: timeText,
  tradeId: z.string().default(''),
  fillSz: optionalNumberText.default(''),
  fillPx: optionalNumberText.default(''),
  fillTime: z.union([timeText, z.literal('')]).default(''),
  // Only pushes carry the fee of the single fill.
  fillFee: optionalNumberText.default(''),
  fillFeeCcy: z.string().default(''),
});
export type OkxOrder = z.infer<typeof orderSchema>;

const sideSchema = z.enum(['buy', 'sell']);
const positionSideSchema = z.enum(['long', 'short', 'net']);

export const pendingOrderSchema = orderSchema.extend({
  side: sideSchema,
  posSide: positionSideSchema,
  reduceOnly: z.string().default('false'),
  sz: numberText,
});
export type OkxPendingOrder = z.infer<typeof pendingOrderSchema>;

export const stopSchema = z.object({
  instId: z.string().min(1),
  algoId: z.string().min(1),
  algoClOrdId: z.string(),
  state: z.enum(['live', 'pause', 'partially_effective', 'effective', 'canceled', 'order_failed', 'partially_failed']),
  sz: optionalNumberText,
  slTriggerPx: optionalNumberText.default(''),
  tpTriggerPx: optionalNumberText.default(''),
  ordId: z.string().default(''),
  ordIdList: z.array(z.string()).default([]),
  failCode: z.string().default(''),
});
export type OkxStop = z.infer<typeof stopSchema>;

export const fillSchema = z.object({
  instId: z.string().min(1),
  tradeId: z.string().min(1),
  clOrdId: z.string(),
  billId: z.string().default(''),
  fillSz: numberText,
  fillPx: numberText,
  fee: optionalNumberText,
  feeCcy: z.string(),
  ts: timeText,
});
export type OkxFill = z.infer<typeof fillSchema>;

export const executionSchema = fillSchema.extend({
  ordId: z.string().min(1),
  side: sideSchema,
  posSide: positionSideSchema,
  // What kind of transaction it was.
  subType: z.string().default(''),
});
export type OkxExecution = z.infer<typeof executionSchema>;

export const endedPositionSchema = z.object({
  instId: z.string().min(1),
  direction: z.enum(['long', 'short']),
  closeTotalPos: numberText,
  closeAvgPx: optionalNumberText,
  type: z.string(),
  uTime: timeText,
});
export type OkxEndedPosition = z.infer<typeof endedPositionSchema>;

export const balanceSchema = z.object({
  // Of the whole account, in USD.
  adjEq: optionalNumberText.default(''),
  availEq: optionalNumberText.default(''),
  details: z.array(
    z.object({
      ccy: z.string(),
      eq: optionalNumberText,
      eqUsd: optionalNumberText.default(''),
      // Only pushes tell it.
      coinUsdPrice: optionalNumberText.default(''),
      availEq: optionalNumberText.default(''),
      availBal: optionalNumberText.default(''),
    }),
  ),
});
export type OkxBalance = z.infer<typeof balanceSchema>;

export const positionSchema = z.object({
  instId: z.string().min(1),
  posSide: positionSideSchema,
  pos: optionalNumberText,
  avgPx: optionalNumberText,
  markPx: optionalNumberText,
  upl: optionalNumberText,
  lever: optionalNumberText,
  liqPx: optionalNumberText,
  mgnMode: z.enum(['cross', 'isolated']),
});
export type OkxPosition = z.infer<typeof positionSchema>;

export const configSchema = z.object({
  uid: z.string().min(1).max(64),
  mainUid: z.string().max(64).default(''),
  acctLv: z.string(),
  posMode: z.enum(['net_mode', 'long_short_mode']),
  perm: z.string(),
  ip: z.string().default(''),
});
export type OkxConfig = z.infer<typeof configSchema>;

export const leverageSchema = z.object({ lever: numberText });

export const instrumentSchema = z.object({
  instId: z.string().min(1),
  ctType: z.string(),
  ctVal: optionalNumberText,
  ctMult: optionalNumberText.default(''),
  ctValCcy: z.string(),
  settleCcy: z.string(),
  // Empty where trading has not begun.
  lotSz: optionalNumberText,
  minSz: optionalNumberText,
  tickSz: optionalNumberText,
  maxMktSz: optionalNumberText.default(''),
  lever: optionalNumberText,
  state: z.string(),
  expTime: z.union([timeText, z.literal('')]).default(''),
});
export type OkxInstrument = z.infer<typeof instrumentSchema>;

/** Absent where a venue does not number its instruments. */
export const instrumentCodeSchema = z.object({
  instId: z.string().min(1),
  instIdCode: z.number().int().positive().nullable().catch(null),
});

export const tickerSchema = z.object({ instId: z.string().min(1), last: numberText, ts: timeText });

/** [time, open, high, low, close, volume in contracts, …] */
export const candleSchema = z
  .tuple([timeText, numberText, numberText, numberText, numberText, numberText])
  .rest(z.unknown());

export const indexTickerSchema = z.object({ instId: z.string().min(1), idxPx: numberText });

export const timeSchema = z.object({ ts: timeText });
