import { connectDatabase, type Database } from '@/platform/database/database';
import { requireDatabase } from '@/platform/database/require-database';

/** The database of this address for a program of an operator: where it refuses us, the program ends with what is to be done. */
export async function openDatabase(url: string): Promise<Database> {
  try {
    await requireDatabase(url);
    return connectDatabase(url, 2);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
