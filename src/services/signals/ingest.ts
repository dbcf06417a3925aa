import { AppError, type ErrorCode } from '@/contracts/envelope';
import { adminRoom, type RealtimeMessage } from '@/contracts/realtime';
import { isSameOrder } from '@/domain/same-order';
import type { SignalIntent } from '@/domain/signal';
import { resolveSymbol, type SymbolResolution } from '@/domain/symbol';
import type { Cipher } from '@/platform/cipher';
import type { Database } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import type { Logger } from '@/platform/log';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import { authenticateSource, SourceLookup, type SourceRow } from './authenticate-source';
import { type ParsedSignal, parseSignal, sizeFieldOf } from './formats/parse-signal';
import { redactBody } from './formats/redact-body';
import type { SignalFormatKey } from './formats/types';
import { type NewSignal, NewSignals } from './new-signals';

/** Of a message's text this much is kept for people to look at: its column holds fewer bytes than a body may have. */
const KEPT_CHARACTERS = 16_000;
/** How precisely a source's row says when it was last heard, ms: not every signal of a burst writes it. */
const HEARD_PRECISION = 1000;
/** Largest body that is read, bytes. */
export const MAX_BODY = 64 * 1024;

/** What ingest is made of. */
export type IngestParts = {
  readonly database: Database;
  readonly cipher: Cipher;
  readonly instruments: InstrumentCatalogue;
  /** Hands the signal to the workers. May fail: the row is enough, a sweep finds it. */
  readonly enqueue: (signalId: string, tenantId: string) => Promise<void>;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
  readonly logger: Logger;
};

export type IngestDeps = IngestParts & { readonly sources: SourceLookup; readonly newSignals: NewSignals };

/** Made once a process: signals that come at the same time are taken in together. */
export function ingestDeps(parts: IngestParts): IngestDeps {
  return { ...parts, sources: new SourceLookup(parts.database), newSignals: new NewSignals(parts.database) };
}

export type IncomingSignal = {
  readonly token: string;
  readonly rawBody: string;
  readonly contentType: string | null;
  readonly headers: Headers;
  readonly ip: string | null;
  /** Epoch ms. */
  readonly receivedAt: number;
};

export type Ingested = { readonly signalId: string; readonly repeated: boolean };

/**
 * Takes one signal in: authenticates its source, reads it, resolves the instrument, refuses what is stale, writes the
 * row and hands it on. A repeat answers the id of the first one and changes nothing. Throws AppError for everything that
 * does not become a signal; what an authenticated source sent is then kept.
 */
export async function ingestSignal(deps: IngestDeps, incoming: IncomingSignal): Promise<Ingested> {
  const source = await deps.sources.find(incoming.token);
  if (source === null) throw new AppError('UNAUTHENTICATED', 'No signal source has this address.');
  authenticateSource(source, incoming, deps.cipher);
  try {
    return await accept(deps, source, incoming);
  } catch (error) {
    if (error instanceof AppError && error.status < 500) await keepRejected(deps, source, incoming, error);
    throw error;
  }
}

async function accept(deps: IngestDeps, source: SourceRow, incoming: IncomingSignal): Promise<Ingested> {
  const { rawBody, contentType, receivedAt } = incoming;
  if (Buffer.byteLength(rawBody) > MAX_BODY) {
    throw new AppError('PAYLOAD_TOO_LARGE', `A signal has at most ${MAX_BODY / 1024} KB.`, { field: 'body' });
  }
  const format = source.format as SignalFormatKey | 'auto';
  const parsed = parseSignal({ rawBody, contentType, format, receivedAt });
  if (!parsed.ok) throw new AppError(parsed.code, parsed.message, { field: parsed.field });

  requireSize(parsed);

  await deps.instruments.refresh();
  const resolution = resolve(deps.instruments, source, parsed.intent.symbol);
  if (!resolution.ok) throw new AppError(resolution.code, resolution.message, { field: 'instrument' });

  const stale = findStale(parsed.intent, source.maxLagMs, receivedAt);
  if (stale !== null) {
    // A repeat is answered as the first one was, however late it comes.
    const earlier = await findEarlier(deps, source, parsed.idempotencyKey);
    if (earlier !== null) return repeat(earlier, resolution.instrument.id, parsed.intent);
    throw stale;
  }

  const { tenantId, id: sourceId } = source;
  const { idempotencyKey } = parsed;
  const intent = resolution.usdMeantUsdt ? { ...parsed.intent, usdMeantUsdt: true } : parsed.intent;
  const row: NewSignal = {
    id: newId(receivedAt),
    tenantId,
    sourceId,
    instrumentId: resolution.instrument.id,
    idempotencyKey,
    format: parsed.format,
    intent,
    rawBody: keptText(rawBody),
    expiresAt: intent.sentAt + Math.min(intent.maxLagMs ?? source.maxLagMs, source.maxLagMs),
    receivedAt,
    heard: receivedAt - (source.lastSignalAt?.getTime() ?? 0) >= HEARD_PRECISION,
  };
  if ((await deps.newSignals.insert(row)) === 'repeat') {
    const first = await findEarlier(deps, source, idempotencyKey);
    if (first === null) throw new Error('A repeated signal has no first one');
    return repeat(first, row.instrumentId, intent);
  }
  await handOn(deps, source, row.id, resolution.instrument.symbol);
  return { signalId: row.id, repeated: false };
}

/** What opens has to say how much: followers' shares of what comes later are measured by it. */
function requireSize({ format, intent }: ParsedSignal): void {
  if (intent.action !== 'open' || intent.size !== null) return;
  const field = sizeFieldOf(format);
  throw new AppError(
    'VALIDATION_ERROR',
    `The signal opens a position and does not say how large: "${field}" is missing.`,
    {
      field,
    },
  );
}

/**
 * An instrument in any state: what is held of one that does not trade is to be closed. What is not listed any more is looked for after
 * all others, so that it makes no name ambiguous.
 */
function resolve(
  instruments: InstrumentCatalogue,
  source: Pick<SourceRow, 'venue' | 'usdMeansUsdt'>,
  symbol: string,
): SymbolResolution {
  const known = instruments.of(source.venue);
  const listed = resolveSymbol(
    symbol,
    known.filter(({ state }) => state !== 'gone'),
    source,
  );
  return listed.ok || listed.code !== 'UNKNOWN_SYMBOL' ? listed : resolveSymbol(symbol, known, source);
}

/** Blanking secrets can make a text longer, so it is cut afterwards; of a body that is too large, only a part is looked through. */
function keptText(rawBody: string): string {
  return redactBody(rawBody.slice(0, MAX_BODY)).slice(0, KEPT_CHARACTERS);
}

function findEarlier(deps: IngestDeps, source: SourceRow, idempotencyKey: string) {
  return deps.database.forTenant(source.tenantId).signal.findFirst({
    where: { sourceId: source.id, idempotencyKey },
    select: { id: true, instrumentId: true, intent: true },
  });
}

/** The same id for something else is a sender's mistake that must not pass as a repeat: it would lose an order. */
function repeat(
  earlier: { readonly id: string; readonly instrumentId: string; readonly intent: unknown },
  instrumentId: string,
  intent: SignalIntent,
): Ingested {
  const same = earlier.instrumentId === instrumentId && isSameOrder(earlier.intent as SignalIntent, intent);
  if (!same) {
    throw new AppError('CONFLICT', 'Another signal with this id was already received. Give every signal its own id.', {
      field: 'id',
      details: { signalId: earlier.id },
    });
  }
  return { signalId: earlier.id, repeated: true };
}

/** Why a signal is not taken that is too old; null: it is not. */
function findStale(intent: SignalIntent, sourceMaxLag: number, receivedAt: number): AppError | null {
  const maxLag = Math.min(intent.maxLagMs ?? sourceMaxLag, sourceMaxLag);
  const age = receivedAt - intent.sentAt;
  if (age > maxLag) {
    return new AppError(
      'STALE_SIGNAL',
      `The signal is ${(age / 1000).toFixed(1)} s old; this source accepts at most ${(maxLag / 1000).toFixed(0)} s.`,
      { field: 'timestamp', details: { ageMs: age, maxLagMs: maxLag } },
    );
  }
  return null;
}

async function handOn(deps: IngestDeps, source: SourceRow, signalId: string, symbol: string): Promise<void> {
  const payload = { id: signalId, sourceId: source.id, symbol, status: 'received', counts: null };
  // The answer to the sender does not wait for the push.
  void deps.publish([{ room: adminRoom(source.tenantId), event: 'signal_received', payload }]);
  try {
    await deps.enqueue(signalId, source.tenantId);
  } catch (error) {
    deps.logger.warn({ signal: signalId, reason: (error as Error).message }, 'not queued; the sweep will find it');
  }
}

async function keepRejected(
  deps: IngestDeps,
  source: SourceRow,
  incoming: IncomingSignal,
  error: AppError,
): Promise<void> {
  await deps.database.forTenant(source.tenantId).rejectedMessage.create({
    data: {
      id: newId(incoming.receivedAt),
      tenantId: source.tenantId,
      sourceId: source.id,
      code: error.code satisfies ErrorCode,
      message: error.message.slice(0, 500),
      field: error.extra.field?.slice(0, 100) ?? null,
      contentType: incoming.contentType?.slice(0, 100) ?? null,
      rawBody: keptText(incoming.rawBody),
      receivedAt: new Date(incoming.receivedAt),
    },
  });
}
