import { clientAddress } from '@/app/api/_http/client-address';
import { expectedFailure, failureResponse } from '@/app/api/_http/failure';
import { AppError } from '@/contracts/envelope';
import { newId } from '@/platform/ids';
import { ingestSignal, MAX_BODY } from '@/services/signals/ingest';
import { ingestServices } from '@/services/signals/ingest-services';
import { limitWebhooks } from '@/services/signals/rate-limit';
import { webServices } from '@/services/web-services';

/** Takes a signal in: 202 with its id, 200 for a repeat, and its own 4xx for everything that is not a signal. */
export async function POST(request: Request, route: { params: Promise<{ token: string }> }): Promise<Response> {
  const requestId = newId();
  const context = webServices();
  try {
    const receivedAt = context.clock.now();
    const ip = clientAddress(request.headers, context.environment.TRUSTED_PROXIES);
    const { token } = await route.params;
    await limitWebhooks(context, token);
    const { signalId, repeated } = await ingestSignal(ingestServices(), {
      token,
      rawBody: await readBody(request),
      contentType: request.headers.get('content-type'),
      headers: request.headers,
      ip,
      receivedAt,
    });
    return Response.json(
      { success: true, data: { signalId } },
      { status: repeated ? 200 : 202, headers: { 'X-Request-Id': requestId, 'Cache-Control': 'no-store' } },
    );
  } catch (error) {
    const expected = expectedFailure(error);
    if (expected !== null) return failureResponse(expected, requestId);
    context.logger.error({ requestId, err: error }, 'a signal was not taken in');
    return failureResponse(
      new AppError('INTERNAL', 'The signal could not be taken in; please send it again.'),
      requestId,
    );
  }
}

/** Reads at most a little more than is allowed: a larger body is refused without being held in memory. */
async function readBody(request: Request): Promise<string> {
  const reader = request.body?.getReader();
  if (reader === undefined) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    parts.push(value);
    if (size > MAX_BODY) {
      await reader.cancel();
      break;
    }
  }
  return Buffer.concat(parts).toString('utf8');
}
