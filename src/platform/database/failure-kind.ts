import { isSerializationFailure } from './retry';

/**
 * Where the reason of a failure lies.
 *
 * database  it is away, overloaded or full: the same is tried again
 * data      in what was to be written, or in the program that worked it out: the same fails for ever, so that it is split, down to the
 *           one row that is set aside
 * unclear   tried again a few times, then as data
 */
export type FailureKind = 'database' | 'data' | 'unclear';

/** A value that its column cannot hold, found before it travels. */
export class UnwritableValueError extends Error {
  override readonly name = 'UnwritableValueError';

  constructor(
    readonly column: string,
    /** Of its row among those that were to be written. */
    readonly index: number,
  ) {
    super(`No value that the column ${column} can hold, in row ${index}`);
  }
}

/** Somebody went on with a transaction after its end: its connection was lost, or it took too long. */
export class TransactionEndedError extends Error {
  override readonly name = 'TransactionEndedError';

  constructor() {
    super('The transaction has ended');
  }
}

/** Of statements: values out of range, truncated or NULL, JSON that is none, keys that are taken or lead nowhere, packets too large. */
const DATA_NUMBERS: ReadonlySet<number> = new Set([
  1048, 1062, 1118, 1153, 1264, 1265, 1292, 1364, 1365, 1366, 1367, 1406, 1411, 1451, 1452, 1690, 3140, 3141, 3143,
  3144, 3146, 3147, 3156, 3157, 3158, 3664, 3665, 3666, 3669, 3819, 3903, 3988, 4025, 4035, 4036, 4037, 4038, 4039,
  4040, 4041, 4042, 4043, 4044,
]);
/** Of servers that are going, locked, full or out of memory; the driver's own begin at 45000. */
const DATABASE_NUMBERS: ReadonlySet<number> = new Set([
  1021, 1030, 1037, 1038, 1040, 1041, 1043, 1044, 1045, 1049, 1053, 1114, 1152, 1158, 1159, 1160, 1161, 1184, 1203,
  1205, 1213, 1226, 1290, 1317, 1792, 1836, 1927, 1969, 2002, 2003, 2006, 2013, 2055, 3024, 3100, 3101, 3572,
]);
const DRIVERS_OWN = 45_000;

/** Prisma's codes of what is wrong with a query's values. */
const DATA_CODES: ReadonlySet<string> = new Set([
  ...['P2000', 'P2002', 'P2003', 'P2004', 'P2005', 'P2006', 'P2007', 'P2011', 'P2012', 'P2013', 'P2014'],
  ...['P2019', 'P2020', 'P2023', 'P2025', 'P2033'],
]);
const DATABASE_CODE = /^(?:P1\d{3}|P2008|P2009|P2024|P2028|P2034|P2037|P2039|E[A-Z]{3,}|UND_ERR_\w+)$/;
/** How Prisma's messages name the server's number. */
const NUMBER_IN_TEXT = /[Cc]ode: `(\d{4,5})`/;

type Failure = {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly fatal?: unknown;
  readonly cause?: { readonly originalCode?: unknown } | null;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } } | null;
};

export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof Error)) return 'unclear';
  if (error instanceof UnwritableValueError) return 'data';
  if (error instanceof TransactionEndedError || isSerializationFailure(error)) return 'database';
  const { code, errno, fatal } = error as Failure;
  if (fatal === true || (typeof code === 'string' && DATABASE_CODE.test(code))) return 'database';
  const number = numberOf(error);
  if (number !== null) return ofNumber(number);
  if (typeof code === 'string' && DATA_CODES.has(code)) return 'data';
  // What is no database's error is one of our own: the same input leads to it again.
  return errno === undefined && code === undefined && !error.name.startsWith('Prisma') ? 'data' : 'unclear';
}

function numberOf(error: Error): number | null {
  const { errno, cause, meta } = error as Failure;
  const told = errno ?? cause?.originalCode ?? meta?.driverAdapterError?.cause?.originalCode;
  const number = Number(told ?? NUMBER_IN_TEXT.exec(error.message)?.[1] ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : null;
}

function ofNumber(number: number): FailureKind {
  if (DATA_NUMBERS.has(number)) return 'data';
  return DATABASE_NUMBERS.has(number) || number >= DRIVERS_OWN ? 'database' : 'unclear';
}
