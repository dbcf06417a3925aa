import { decode } from 'next-auth/jwt';

/** next-auth's own names: the prefix makes browsers insist on HTTPS. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https://') ? '__Secure-next-auth.session-token' : 'next-auth.session-token';
}

/** The claims of a session cookie, checked for seal and age only; null for anything else. */
export async function openSessionCookie(
  environment: { readonly NEXTAUTH_SECRET: string; readonly NEXTAUTH_URL: string },
  cookieHeader: string | null | undefined,
): Promise<{ userId: string; role: string; passwordMark: string; expiresAt: number } | null> {
  const sealed = readCookie(cookieHeader ?? '', sessionCookieName(environment.NEXTAUTH_URL));
  if (sealed === null) return null;
  const claims = await decode({ token: sealed, secret: environment.NEXTAUTH_SECRET }).catch(() => null);
  if (claims === null) return null;
  const { userId, role, passwordMark: mark, exp } = claims;
  if (typeof userId !== 'string' || typeof role !== 'string' || typeof mark !== 'string') return null;
  return { userId, role, passwordMark: mark, expiresAt: Number(exp ?? 0) * 1000 };
}

/** One cookie's value; next-auth splits long ones into `name.0`, `name.1`, …. */
function readCookie(header: string, name: string): string | null {
  const chunks = new Map<number, string>();
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const key = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (key === name) return value;
    const chunk = key.startsWith(`${name}.`) ? Number(key.slice(name.length + 1)) : Number.NaN;
    if (Number.isInteger(chunk)) chunks.set(chunk, value);
  }
  if (chunks.size === 0) return null;
  return [...chunks.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value)
    .join('');
}
