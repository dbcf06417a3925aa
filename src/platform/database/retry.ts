/** MySQL's deadlock and lock wait time-out: the transaction was rolled back whole and can simply be run again. */
const RETRYABLE_TEXT = /Deadlock found|Lock wait timeout|Record has changed since last read|write conflict|P2034/i;

export function isSerializationFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as { code?: unknown; cause?: { kind?: unknown } };
  // As Prisma reports it, and as its driver adapter does.
  return RETRYABLE_TEXT.test(error.message) || code === 'P2034' || cause?.kind === 'TransactionWriteConflict';
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
