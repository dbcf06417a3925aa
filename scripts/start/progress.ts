import { colour } from './colour';

/**
 * Says what takes long, and for how long already. On a terminal one line changes in place; elsewhere (a log file) a line
 * is added every ten seconds.
 */
export class Progress {
  private readonly running = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private ticks = 0;

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {}

  /** Runs one step and reports its end and its time. Steps may overlap. */
  async step<Result>(name: string, run: (note: (text: string) => void) => Promise<Result>): Promise<Result> {
    const started = Date.now();
    this.running.set(name, started);
    this.timer ??= setInterval(() => this.tick(), this.out.isTTY ? 200 : 10_000);
    try {
      const result = await run((text) => this.line(`${colour.dim('·')} ${text}`));
      this.running.delete(name);
      this.line(`${colour.green('✓')} ${name} ${colour.dim(elapsed(started))}`);
      return result;
    } catch (error) {
      this.running.delete(name);
      this.line(`${colour.red('✗')} ${name} ${colour.dim(elapsed(started))}`);
      throw error;
    } finally {
      if (this.running.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
        this.clear();
      }
    }
  }

  /** A whole line, above the changing one. */
  line(text: string): void {
    this.clear();
    this.out.write(`${text}\n`);
  }

  private tick(): void {
    const active = [...this.running].map(([name, started]) => `${name} ${elapsed(started)}`).join('  ');
    if (!this.out.isTTY) {
      this.out.write(`  … ${active}\n`);
      return;
    }
    this.ticks += 1;
    const wheel = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[this.ticks % 10] ?? '';
    this.clear();
    this.out.write(`${wheel} ${active}`.slice(0, (this.out.columns ?? 80) - 1));
  }

  private clear(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[2K');
  }
}

/** "0.4 s", "12 s", "2 min 05 s" */
export function elapsed(since: number): string {
  const seconds = (Date.now() - since) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}
