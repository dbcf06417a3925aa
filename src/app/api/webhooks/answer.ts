import { clientAddress } from '@/app/api/_http/client-address';
import { expectedFailure, failureResponse } from '@/app/api/_http/failure';
import { AppError } from '@/contracts/envelope';
import { newId } from '@/platform/ids';
import { ingestSignal } from '@/services/signals/ingest';
import { ingestServices } from '@/services/signals/ingest-services';
import { limitWebhooks } from '@/services/signals/rate-limit';
import { webServices } from '@/services/web-services';

export type WebhookCall = {
  /** The secret in the path. */
  readonly token: string;
  readonly headers: Headers;
  /** Reads at most a little more than is allowed: a larger body is refused without being held in memory. */
  readonly readBody: () => Promise<string>;
};

/** Takes a signal in: 202 with its id, 200 for a repeat, and its own 4xx for everything that is not a signal. Never rejects. */
export async function answerWebhook({ token, headers, readBody }: WebhookCall): Promise<Response> {
  const requestId = newId();
  const context = webServices();
  try {
    const receivedAt = context.clock.now();
    const ip = clientAddress(headers, context.environment.TRUSTED_PROXIES);
    // The body comes in while Redis counts.
    const [rawBody] = await Promise.all([readBody(), limitWebhooks(context, token)]);
    const contentType = headers.get('content-type');
    const incoming = { token, rawBody, contentType, headers, ip, receivedAt };
    const { signalId, repeated } = await ingestSignal(ingestServices(), incoming);
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
