/**
 * stop  a position has not the stop-loss and take-profit order that it should have
 * exit  a position that has to go is still held
 */
export const NAKED_KINDS = ['stop', 'exit'] as const;
export type NakedKind = (typeof NAKED_KINDS)[number];

/** What is missing so long is told, and counted as naked where nothing keeps it from being mended, ms. */
export const NAKED_AFTER = 30_000;

/** How long a position has lacked something, ms. */
export type Lack = {
  readonly lasted: number;
  /** Since something last kept it from being mended (see `ExitObstacle`); null: nothing ever did. */
  readonly unhinderedFor: number | null;
  /** Something does now. */
  readonly hindered: boolean;
};

/** Whether a position is naked: for longer than it may take to mend it, and nothing has kept anybody from mending it meanwhile. */
export function isNaked({ lasted, unhinderedFor, hindered }: Lack): boolean {
  return !hindered && Math.min(lasted, unhinderedFor ?? lasted) > NAKED_AFTER;
}
