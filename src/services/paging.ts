import type { Page } from '@/contracts/api/common';
import { AppError } from '@/contracts/envelope';

/**
 * Cursor paging on (createdAt, id), newest first: stable while rows are added, and a range on the index. A cursor is
 * the position of the last row, as base64url text; it holds nothing that its reader has not seen.
 */

export function encodeCursor(...parts: readonly (string | number | bigint)[]): string {
  return Buffer.from(parts.map(String).join('|')).toString('base64url');
}

/** The parts of a cursor, each checked by its pattern. Throws VALIDATION_ERROR. */
export function decodeCursor(cursor: string, patterns: readonly RegExp[]): string[] {
  const parts = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  if (parts.length !== patterns.length || parts.some((part, at) => !patterns[at]?.test(part))) {
    throw new AppError('VALIDATION_ERROR', 'cursor: is not a cursor of this list', { field: 'cursor' });
  }
  return parts;
}

export const ID_PART = /^[0-9a-f]{32}$/;
export const NUMBER_PART = /^\d{1,18}$/;

export type TimePosition = { readonly at: Date; readonly id: string };

export function timeCursor(cursor: string | undefined): TimePosition | null {
  if (cursor === undefined) return null;
  const [at = '', id = ''] = decodeCursor(cursor, [NUMBER_PART, ID_PART]);
  return { at: new Date(Number(at)), id };
}

/** Prisma's filter for rows after a position of a (createdAt desc, id desc) list. */
export function afterTime(cursor: string | undefined) {
  const position = timeCursor(cursor);
  if (position === null) return {};
  const { at, id } = position;
  return { createdAt: { lte: at }, OR: [{ createdAt: { lt: at } }, { createdAt: at, id: { lt: id } }] };
}

export const NEWEST_FIRST = [{ createdAt: 'desc' as const }, { id: 'desc' as const }];

/** A page of `rows`, which were asked for with one more than `limit`. */
export function toPage<R, V>(
  rows: readonly R[],
  limit: number,
  view: (row: R) => V,
  cursor: (row: R) => string,
): Page<V> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(view), nextCursor: rows.length > limit && last !== undefined ? cursor(last) : null };
}

/** toPage for rows with createdAt and id. */
export function toTimePage<R extends { createdAt: Date; id: string }, V>(
  rows: readonly R[],
  limit: number,
  view: (row: R) => V,
): Page<V> {
  return toPage(rows, limit, view, (row) => encodeCursor(row.createdAt.getTime(), row.id));
}
