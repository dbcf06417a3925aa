import type { Page } from '@/contracts/api/common';
import { AppError } from '@/contracts/envelope';

/**
 * Cursor paging: on (createdAt, id), newest first, where time is the subject; on (name, id) where people look for a name. Stable while rows
 * are added, and a range on an index. A cursor is
 * the position of the last row, as base64url text; it holds nothing that its reader has not seen.
 */

export function encodeCursor(...parts: readonly (string | number | bigint)[]): string {
  return Buffer.from(parts.map(String).join('|')).toString('base64url');
}

/** The parts of a cursor, each checked by its pattern. Throws VALIDATION_ERROR. */
export function decodeCursor(cursor: string, patterns: readonly RegExp[]): string[] {
  const parts = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  if (parts.length !== patterns.length || parts.some((part, at) => !patterns[at]?.test(part))) {
    throw notOfThisList();
  }
  return parts;
}

function notOfThisList(): AppError {
  return new AppError('VALIDATION_ERROR', 'cursor: is not a cursor of this list', { field: 'cursor' });
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

/** A name in a cursor: whatever it holds, no separator. */
export const NAME_PART = /^[^|]{0,900}$/;

export function namePart(name: string): string {
  return encodeURIComponent(name);
}

/** Throws VALIDATION_ERROR. */
export function readNamePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw notOfThisList();
  }
}

/** Prisma's filter for rows after a position of a (name asc, id asc) list. The database compares, as it sorts. */
export function afterName(cursor: string | undefined) {
  if (cursor === undefined) return {};
  const [part = '', id = ''] = decodeCursor(cursor, [NAME_PART, ID_PART]);
  const name = readNamePart(part);
  return { OR: [{ name: { gt: name } }, { name, id: { gt: id } }] };
}

export const BY_NAME = [{ name: 'asc' as const }, { id: 'asc' as const }];

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

/** toPage for rows with name and id. */
export function toNamePage<R extends { name: string; id: string }, V>(
  rows: readonly R[],
  limit: number,
  view: (row: R) => V,
): Page<V> {
  return toPage(rows, limit, view, (row) => encodeCursor(namePart(row.name), row.id));
}
