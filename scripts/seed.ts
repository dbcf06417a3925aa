import { seedDemo } from '@/processes/seed-demo';
import { curlLine } from './start/banner';

/** Makes the demo tenant once, where no `npm start` does (Docker), and says how to log in: only hashes are kept. */
try {
  const seed = await seedDemo();
  const web = process.env.NEXTAUTH_URL || 'http://localhost:3000';
  for (const { role, email, password } of seed.logins) console.log(`${role}  ${email}  ${password}`);
  console.log(`API token of an admin  ${seed.apiToken}`);
  const [webhook] = seed.webhooks;
  if (webhook) console.log(`\n${curlLine({ url: new URL(webhook.path, web).href, example: webhook.example })}`);
  process.exit(0);
} catch (error) {
  console.error(
    `The demo tenant could not be made (is it there already?): ${error instanceof Error ? error.message : error}`,
  );
  process.exit(1);
}
