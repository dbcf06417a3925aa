import { writeFileSync } from 'node:fs';
import { seedDemo } from '@/processes/seed-demo';

const [, , file] = process.argv;
if (!file) throw new Error('The file to write is missing');
writeFileSync(file, JSON.stringify(await seedDemo(), null, 2), { mode: 0o600 });
process.exit(0);
