/** Something that a process does to the world outside of it: a statement, a request, a job, a push. */
export type Effect = {
  readonly kind: 'sql' | 'venue' | 'queue' | 'push';
  /** For people: "COMMIT", "place", "copy-signal". */
  readonly name: string;
  /** Part of a database transaction that another effect (its commit) makes final. */
  readonly insideTransaction?: boolean;
};

/**
 * What every effect passes on its way out. In production it lets everything through; tests put one there that ends the
 * process at the k-th effect, loses the answer of an effect that happened, or lets it happen late.
 */
export interface EffectPlane {
  perform<T>(effect: Effect, act: () => Promise<T>): Promise<T>;
  /** Called when the process "dies": what the world does about it by itself, such as rolling open transactions back. */
  onDeath(react: () => void): () => void;
}

export const OPEN_PLANE: EffectPlane = {
  perform: (_effect, act) => act(),
  onDeath: () => () => undefined,
};
