import { isFigure } from './budget';

const WIDTH = 34;

/** Prints nested figures as lines of "name  median  (min–max)". */
export function printFigures(value: unknown, path = ''): void {
  if (isFigure(value)) {
    print(path, `${value.median}  (${value.min} – ${value.max})`);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    print(path, String(value));
    return;
  }
  for (const [name, part] of Object.entries(value)) printFigures(part, path === '' ? name : `${path}.${name}`);
}

function print(path: string, text: string): void {
  console.log(`${path.padEnd(WIDTH)}  ${text}`);
}
