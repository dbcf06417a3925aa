import { colour } from './colour';

type Paint = (text: string) => string;

const LEVELS: Record<number, { word: string; paint: Paint }> = {
  10: { word: 'TRACE', paint: colour.dim },
  20: { word: 'DEBUG', paint: colour.dim },
  30: { word: 'INFO ', paint: colour.green },
  40: { word: 'WARN ', paint: colour.yellow },
  50: { word: 'ERROR', paint: colour.red },
  60: { word: 'FATAL', paint: colour.red },
};

const HIDDEN = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'process', 'err', 'v']);

/** One line of a process, made readable: pino's JSON as time, level, text and fields; anything else as it is. */
export function readableLine(line: string): string {
  const entry = parse(line);
  if (!entry) return line;
  const level = LEVELS[Number(entry.level)] ?? { word: '     ', paint: (text: string) => text };
  const time = typeof entry.time === 'number' || typeof entry.time === 'string' ? clock(entry.time) : '';
  const fields = Object.entries(entry)
    .filter(([key, value]) => !HIDDEN.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const text = [colour.dim(time), level.paint(level.word), String(entry.msg ?? ''), colour.dim(fields), errorOf(entry)];
  return text.filter(Boolean).join(' ');
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'level' in value
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function clock(time: number | string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : date.toTimeString().slice(0, 8);
}

function errorOf(entry: Record<string, unknown>): string {
  const error = entry.err;
  if (typeof error !== 'object' || error === null) return '';
  const { type, message, stack } = error as { type?: string; message?: string; stack?: string };
  const first = `${type ?? 'Error'}: ${message ?? ''}`;
  // The stack is only of use where something is broken; the log files always have it.
  return Number(entry.level) >= 50 && stack ? `\n${colour.dim(stack)}` : colour.yellow(first);
}
