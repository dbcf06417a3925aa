import { bootstrap } from './bootstrap.mjs';
import { dataDirectory, refuseSecondStart } from './start/lock.mjs';

bootstrap('./start/main.ts', () => refuseSecondStart(dataDirectory())).catch((error) => {
  console.error(`\n${error?.message ?? error}`);
  process.exit(1);
});
