import { answerWebhook } from '@/app/api/webhooks/answer';
import { MAX_BODY } from '@/services/signals/ingest';

/** The same answer as `webhookListener` gives, which takes these requests before Next where the product's own server runs. */
export async function POST(request: Request, route: { params: Promise<{ token: string }> }): Promise<Response> {
  const { token } = await route.params;
  return answerWebhook({ token, headers: request.headers, readBody: () => readBody(request) });
}

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
