import { bootstrap } from './bootstrap.mjs';

bootstrap('./start/main.ts').catch((error) => {
  console.error(`\n${error?.message ?? error}`);
  process.exit(1);
});
