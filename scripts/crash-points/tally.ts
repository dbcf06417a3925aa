import type { Point, PointResult } from '@/testing/crash-points/explore';

const WRONG = ['lost', 'doubled', 'wrongSize', 'wrongState'] as const;
const COLUMNS = ['runs', 'unreached', ...WRONG] as const;
type Row = Record<(typeof COLUMNS)[number], number>;

const emptyRow = (): Row => ({ runs: 0, unreached: 0, lost: 0, doubled: 0, wrongSize: 0, wrongState: 0 });

/** Counts results, by scene and kind. `unreached`: runs in which the effect did not come. */
export class Tally {
  readonly #rows = new Map<string, Row>();

  add({ point, result }: PointResult): void {
    const key = Tally.#key(point);
    const row = this.#rows.get(key) ?? emptyRow();
    this.#rows.set(key, row);
    row.runs += 1;
    if (!result.reached) row.unreached += 1;
    for (const column of WRONG) row[column] += result[column];
  }

  get total(): Row {
    const total = emptyRow();
    for (const row of this.#rows.values()) for (const column of COLUMNS) total[column] += row[column];
    return total;
  }

  get wrong(): boolean {
    const { total } = this;
    return WRONG.some((column) => total[column] > 0);
  }

  /** A table for people. */
  table(): string {
    const lines = [...this.#rows, ['all', this.total] as const].map(([name, row]) => [
      name,
      ...COLUMNS.map((column) => String(row[column])),
    ]);
    return [['', ...COLUMNS], ...lines]
      .map((cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(11))).join(''))
      .join('\n');
  }

  static #key({ scene, kind }: Point): string {
    return `${scene}, ${kind}`;
  }
}
