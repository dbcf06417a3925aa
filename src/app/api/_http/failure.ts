import { AppError, type Failure } from '@/contracts/envelope';

/** Codes of Prisma and of the socket below it, for a database that cannot be reached or gives no connection in time. */
const DATABASE_AWAY = new Set(['P1001', 'P1002', 'P1003', 'P1008', 'P1017', 'P2024', 'P2028', 'P2039', 'EPIPE']);
const DATABASE_AWAY_TEXT =
  /pool timeout|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|socket has unexpectedly been closed|Can't reach database|connection closed/i;

export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && DATABASE_AWAY.has(code)) return true;
  // Between two statements, at the begin of a transaction say, the driver's own error comes through as it is.
  const { fatal, sqlState } = error as { fatal?: unknown; sqlState?: unknown };
  const fromDriver = fatal === true && (typeof sqlState === 'string' || error.name === 'StatementError');
  const fromDatabase =
    fromDriver || error.name.startsWith('PrismaClient') || error.name === 'DriverAdapterError' || code === 'P2010';
  return fromDatabase && DATABASE_AWAY_TEXT.test(error.message);
}

/** What a caller may know of an error. Null: nothing, it is a defect of ours. */
export function expectedFailure(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError('UNAVAILABLE', 'The service cannot reach its database; try again in a moment', {
      retryAfterSeconds: 2,
    });
  }
  return null;
}

/** The envelope of a failure. */
export function failureResponse(error: AppError, requestId: string, headers: Record<string, string> = {}): Response {
  const body: Failure = { success: false, error: error.toBody() };
  return Response.json(body, {
    status: error.status,
    headers: {
      'X-Request-Id': requestId,
      'Cache-Control': 'no-store',
      ...(error.extra.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.extra.retryAfterSeconds) }),
      ...(error.code === 'UNAUTHENTICATED' ? { 'WWW-Authenticate': 'Bearer' } : {}),
      ...headers,
    },
  });
}
