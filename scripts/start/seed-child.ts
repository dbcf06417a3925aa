import { writeFileSync } from 'node:fs';
import { seedDemo } from '@/processes/seed-demo';
import type { DemoSeed } from './seed';

const [, , file] = process.argv;
if (!file) throw new Error('The file to write is missing');
const made: DemoSeed = await seedDemo();
writeFileSync(file, JSON.stringify(made, null, 2), { mode: 0o600 });
process.exit(0);
