/** MySQL's deadlock and lock wait time-out: the transaction is rolled back whole, by the database or by us, and can simply be run again. */
const RETRYABLE_TEXT = /Deadlock found|Lock wait timeout|Record has changed since last read|write conflict|P2034/i;

/** Their numbers, and MariaDB's for a row that changed since it was read. */
const RETRYABLE_NUMBERS: ReadonlySet<unknown> = new Set([1213, 1205, 1020]);

export function isSerializationFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause, errno } = error as { code?: unknown; cause?: { kind?: unknown }; errno?: unknown };
  // As Prisma reports it, as its driver adapter does, and as the driver does: in the server's language.
  if (code === 'P2034' || cause?.kind === 'TransactionWriteConflict' || RETRYABLE_NUMBERS.has(errno)) return true;
  return RETRYABLE_TEXT.test(error.message);
}

/** Runs a transaction again when the database rolled it back because of another one. At most `attempts` times. */
export async function retryTransaction<T>(run: () => Promise<T>, attempts = 8): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= attempts || !isSerializationFailure(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
    }
  }
}

/** MySQL's duplicate key, as Prisma reports it of its own statements and of raw ones. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return code === 'P2002' || (code === 'P2010' && /Code: `1062`|Duplicate entry|Unique constraint/.test(error.message));
}
