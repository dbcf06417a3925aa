import { type NextRequest, NextResponse } from 'next/server';
import { openSessionCookie } from '@/services/identity/session-cookie';

/**
 * Sends browsers to the face of the product that is theirs, before any page renders. It reads the sealed cookie only;
 * what may be seen is decided again, from the rows, by every request that reads or changes something.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { pathname, search } = request.nextUrl;
  const secret = process.env.NEXTAUTH_SECRET ?? '';
  const publicUrl = process.env.NEXTAUTH_URL ?? '';
  const session = await openSessionCookie(
    { NEXTAUTH_SECRET: secret, NEXTAUTH_URL: publicUrl },
    request.headers.get('cookie'),
  );
  // The host that the browser asked, not the one that Next listens on.
  const host = request.headers.get('host') ?? request.nextUrl.host;
  const scheme = publicUrl.startsWith('https://') ? 'https' : 'http';
  const go = (to: string) => NextResponse.redirect(`${scheme}://${host}${to}`);
  if (session === null) {
    if (pathname === '/login') return NextResponse.next();
    const back = pathname === '/' ? '' : `?callbackUrl=${encodeURIComponent(`${pathname}${search}`)}`;
    return go(`/login${back}`);
  }
  const home = session.role === 'customer' ? '/portal' : '/admin';
  const foreign = session.role === 'customer' ? '/admin' : '/portal';
  if (pathname === '/') return go(home);
  if (pathname === foreign || pathname.startsWith(`${foreign}/`)) return go(home);
  return NextResponse.next();
}

export const config = {
  // Pages only: the API, the health check and files answer for themselves.
  matcher: ['/((?!api/|health$|_next/|favicon|.*\\.[a-z0-9]+$).*)'],
};
