import { AppError } from '@/contracts/envelope';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Browsers send a session cookie with requests that other sites cause. A change that a cookie authorises must
 * therefore come from one of our own pages: its Origin is the public address, or the host it was sent to.
 */
export function requireSameOrigin(request: Request, publicUrl: string): void {
  if (SAFE_METHODS.has(request.method)) return;
  const origin = request.headers.get('origin');
  if (origin !== null && (origin === new URL(publicUrl).origin || hostOf(origin) === request.headers.get('host')))
    return;
  throw new AppError('FORBIDDEN', 'The request does not come from a page of this service');
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
