import { bootstrap } from './bootstrap.mjs';
import { dataDirectory, refuseSecondStart } from './start/lock.mjs';
import { readArguments } from './start/usage.mjs';

readArguments();

bootstrap('./start/main.ts', () => refuseSecondStart(dataDirectory())).catch((error) => {
  console.error(`\n${error?.message ?? error}`);
  process.exit(1);
});
