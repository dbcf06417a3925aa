import type { NextAuthOptions } from 'next-auth';
import type { WebContext } from '../web-context';
import { logIn } from './log-in';
import { SESSION_SECONDS, type SessionUser, sessionClaims } from './session';

/** Options of next-auth: e-mail and password, a sealed cookie of twelve hours, the project's own log-in page. */
export function nextAuthOptions(context: () => WebContext): NextAuthOptions {
  const { environment } = context();
  return {
    secret: environment.NEXTAUTH_SECRET,
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
    pages: { signIn: '/login', error: '/login' },
    useSecureCookies: environment.NEXTAUTH_URL.startsWith('https://'),
    providers: [
      {
        id: 'credentials',
        name: 'E-mail',
        type: 'credentials',
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: async (input) => {
          const { email, password } = input ?? {};
          if (typeof email !== 'string' || typeof password !== 'string') return null;
          if (email.length > 190 || password.length > 200) return null;
          return logIn(context(), email, password);
        },
      },
    ],
    callbacks: {
      // `user` is there at log-in only: what authorize answered.
      jwt: ({ token, user }) => (user ? sessionClaims(user as unknown as SessionUser) : token),
      session: ({ session, token }) => ({
        ...session,
        user: { name: token.name, email: token.email, role: token.role, customerId: token.customerId },
      }),
    },
    logger: {
      error: (code) => context().logger.warn({ code }, 'log-in error'),
      warn: (code) => context().logger.debug({ code }, 'log-in warning'),
      debug: () => undefined,
    },
  };
}
