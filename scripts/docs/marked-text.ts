import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between the two marks of this name in a Markdown file. */
export function writeMarked(file: string, name: string, text: string): void {
  const [before, rest = ''] = readFileSync(file, 'utf8').split(`<!-- ${name} table -->`);
  const after = rest.split(`<!-- end of ${name} table -->`)[1] ?? rest;
  writeFileSync(file, `${before}<!-- ${name} table -->\n${text}\n<!-- end of ${name} table -->${after}`);
}
