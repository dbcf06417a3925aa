import { colour } from './colour';
import type { RunFile } from './run-file';

/** The address, the log-ins of the demo and a line which sends a first signal. */
export function banner(run: RunFile, seconds: string): string {
  const width = Math.max(0, ...run.logins.map((login) => login.role.length));
  const lines = [
    '',
    `  ${colour.bold('Slipstream is running')}  ${colour.cyan(run.web)}  ${colour.dim(`(${seconds})`)}`,
    '',
    ...run.logins.map((login) => `  ${login.role.padEnd(width)}  ${login.email}  ${login.password}`),
  ];
  const [webhook] = run.webhooks;
  if (webhook) lines.push('', '  Send a first signal from another terminal:', '', curlLine(webhook));
  lines.push(
    '',
    `  ${colour.dim('Ctrl-C stops everything and keeps the rows; npm start -- --fresh starts over.')}`,
    '',
  );
  return lines.join('\n');
}

/** A command for a POSIX shell, to be pasted as it is; every run of it is a new signal of the present moment. */
export function curlLine(webhook: { url: string; example: string }): string {
  const type = webhook.example.trimStart().startsWith('{') ? 'application/json' : 'text/plain';
  const body = webhook.example
    .replace(/\s*\n\s*/g, type === 'text/plain' ? '\n' : ' ')
    .replaceAll("'", () => `'\\''`)
    // Functions, because a replacement's own text gives "$" a meaning.
    .replaceAll('{{id}}', () => `'"first-$(date +%s%N)"'`)
    .replaceAll('"{{timestamp}}"', () => `"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"`)
    .replaceAll('{{timestamp}}', () => `'"$(date +%s)000"'`);
  return `curl -sS '${webhook.url}' -H 'Content-Type: ${type}' -d '${body}'`;
}
