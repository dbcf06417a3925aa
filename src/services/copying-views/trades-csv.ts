import type { Page } from '@/contracts/api/common';
import type { TradeView } from '@/contracts/api/copying';

const COLUMNS = [
  'id',
  'createdAt',
  'customerName',
  'strategyName',
  'symbol',
  'leg',
  'side',
  'positionSide',
  'orderType',
  'limitPrice',
  'leverage',
  'quantity',
  'quantityBase',
  'status',
  'code',
  'reason',
  'venueMessage',
  'filledQuantity',
  'averagePrice',
  'fee',
  'realizedPnl',
  'slippage',
  'sentAt',
  'ackedAt',
  'filledAt',
  'venueOrderId',
  'signalId',
] as const satisfies readonly (keyof TradeView)[];

/** Spreadsheets run cells that begin with these; numbers with a sign are left as they are. */
const FORMULA = /^[=+@\t\r]|^-(?!\d)/;

function cell(value: string | boolean | null): string {
  if (value === null) return '';
  const text = String(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One page of trades as RFC 4180 text; the cursor of the next page is in the header X-Next-Cursor. */
export function tradesCsv(page: Page<TradeView>): Response {
  const lines = [COLUMNS.join(','), ...page.items.map((trade) => COLUMNS.map((name) => cell(trade[name])).join(','))];
  return new Response(`${lines.join('\r\n')}\r\n`, {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="trades.csv"',
      'Cache-Control': 'no-store',
      ...(page.nextCursor === null ? {} : { 'X-Next-Cursor': page.nextCursor }),
    },
  });
}
