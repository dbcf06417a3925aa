import type { Rows } from './books';
import { type Books, type ErrorKind, type Finding, finding } from './findings';

/** The id that the sender gave his signal. */
export function senderId(row: Rows['signals'][number]): string {
  return (row.intent as { idempotencyKey?: string | null }).idempotencyKey ?? '';
}

/** What was answered with 2xx is a row, once, and came to its end; what was refused is none. */
export function compareSignals({ sent, rows, cast }: Books): readonly Finding[] {
  const findings: Finding[] = [];
  const found = (kind: ErrorKind, text: string, signalId: string | null = null): void => {
    findings.push(finding(kind, text, { signalId }));
  };
  const byKey = new Map(rows.signals.map((row) => [`${row.sourceId}|${senderId(row)}`, row]));
  if (byKey.size !== rows.signals.length) found('doubled', 'a signal was written twice');
  for (const { signal, signalIds, refused, oddAnswers } of sent) {
    const row = byKey.get(`${cast.sourceIds[signal.source]}|${signal.id}`);
    if (signalIds.length > 1) found('doubled', `${signal.id} was answered with ${signalIds.length} ids`);
    if (signalIds.length > 0 && row?.id !== signalIds[0]) found('lost', `${signal.id} was taken in, but is no row`);
    if (signalIds.length === 0 && refused !== 'STALE_SIGNAL') {
      found('unexplained', `${signal.id} was refused with ${refused}`);
    }
    if (refused === 'STALE_SIGNAL' && signal.ageMs === 0 && signal.maxLagSeconds > 10) {
      found('unexplained', `${signal.id} was refused as stale`);
    }
    if (signal.ageMs > 0 && row !== undefined) found('wrongState', `${signal.id} is stale and was taken in`);
    for (const odd of oddAnswers) found('wrongState', `${signal.id} was answered with ${odd}`, row?.id ?? null);
    if (row !== undefined && row.status !== 'done') {
      found('wrongState', `${signal.id} ended as ${row.status} ${row.rejectCode ?? ''}`, row.id);
    }
  }
  return findings;
}
