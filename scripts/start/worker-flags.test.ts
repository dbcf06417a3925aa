import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WORKER_FLAGS } from './worker-flags';

it('a signal-worker is started with the same flags everywhere', () => {
  const command = [...WORKER_FLAGS, 'src/processes/signal-worker.ts'];
  const inYaml = `[${command.join(', ')}]`;
  expect(readFileSync('docker-compose.yml', 'utf8')).toContain(`command: ${inYaml}`);
  expect(readFileSync('k8s/signal-worker.yaml', 'utf8')).toContain(`args: ${inYaml}`);
  expect(readFileSync('package.json', 'utf8')).toContain(`"process:signal-worker": "tsx ${command.join(' ')}"`);
});
