import { currentTime } from '@/platform/clock';
import { type Health, readHealth } from '@/services/health';
import { webServices } from '@/services/web-services';

const KEPT_MS = 1_000;
let last: { readonly at: number; readonly health: Promise<Health> } | null = null;

/** 200 when everything that this process needs answers, else 503. Looked at once a second at most. */
export async function GET(): Promise<Response> {
  const now = currentTime();
  const services = webServices();
  if (last === null || now - last.at > KEPT_MS) last = { at: now, health: readHealth(services) };
  const health = await last.health;
  const body = { ...health, instance: services.environment.SLIPSTREAM_INSTANCE };
  return Response.json(body, {
    status: health.status === 'up' ? 200 : 503,
    headers: { 'Cache-Control': 'no-store' },
  });
}

export const dynamic = 'force-dynamic';
