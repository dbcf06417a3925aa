import { fileURLToPath } from 'node:url';
import { applyMigrations } from '@/platform/database/migrations';

/** `npm run migrate`: applies what is pending to the database of DATABASE_URL. */
const url = process.env.DATABASE_URL;
if (!url) {
  console.error('DATABASE_URL is not set, for example mysql://user:password@localhost:3306/slipstream');
  process.exit(1);
}
try {
  const result = await applyMigrations({
    url,
    directory: fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
    log: (message) => console.log(message),
  });
  console.log(`${result.applied.length} migrations applied, ${result.alreadyApplied} were there already.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
