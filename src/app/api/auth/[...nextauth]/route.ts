import NextAuth from 'next-auth';
import { nextAuthOptions } from '@/services/identity/next-auth';
import { webServices } from '@/services/web-services';

type NextAuthContext = { params: Promise<{ nextauth: string[] }> };

/** Options are made at the first request: a build has no environment. */
function handler(request: Request, context: NextAuthContext): Promise<Response> {
  return NextAuth(nextAuthOptions(webServices))(request, context) as Promise<Response>;
}

export { handler as GET, handler as POST };
