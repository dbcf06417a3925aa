// The Prisma command line, without its native engine where the command does not need it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { absentSchemaEngine, ROOT } from './bootstrap.mjs';

const args = process.argv.slice(2);
const withoutEngine = ['generate', 'validate', 'format'].includes(args[0] ?? '');
const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
const result = spawnSync(process.execPath, [cli, ...args], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    ...(withoutEngine ? absentSchemaEngine() : {}),
  },
});
process.exit(result.status ?? 1);
